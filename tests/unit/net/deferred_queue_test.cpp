#include "net/deferred_queue.hpp"

#include "unit/net/counted_work.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace turnomatic::net {
namespace {

struct queue_of_a_loop {
  boost::asio::io_context io;
  loop_clock time;
  deferred_queue later{io, time};
};

TEST(deferred_queue, runs_work_once_however_often_it_was_asked_for) {
  queue_of_a_loop loop;
  counted_work work{loop.later};
  loop.later.add(work);
  loop.later.add(work);
  EXPECT_EQ(work.runs, 0) << "not within the call";
  loop.io.poll();
  EXPECT_EQ(work.runs, 1);
}

TEST(deferred_queue, lets_others_come_between_when_work_adds_itself_again) {
  queue_of_a_loop loop;
  counted_work work{loop.later};
  work.repeat = 3;
  loop.later.add(work);
  EXPECT_EQ(loop.io.poll_one(), 1U);
  EXPECT_EQ(work.runs, 1);
  loop.io.poll();
  EXPECT_EQ(work.runs, 3);
}

TEST(deferred_queue, forgets_work_that_is_gone) {
  queue_of_a_loop loop;
  auto gone = std::make_unique<counted_work>(loop.later);
  counted_work stays{loop.later};
  loop.later.add(*gone);
  loop.later.add(stays);
  gone.reset();
  loop.io.poll();
  EXPECT_EQ(stays.runs, 1);
}

TEST(deferred_queue, reads_the_clock_before_work_that_no_socket_brought) {
  queue_of_a_loop loop;
  const time_point before = clock::now();
  counted_work work{loop.later};
  loop.later.add(work);
  loop.io.poll();
  EXPECT_GE(loop.time.now(), before);
}

}  // namespace
}  // namespace turnomatic::net
