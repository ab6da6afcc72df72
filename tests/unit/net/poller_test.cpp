// What is put off until the sockets that are ready have been served.
#include "net/event_loop.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace turnomatic::net {
namespace {

struct counted_work final : deferred_work {
  explicit counted_work(poller& sockets) : again{sockets} {}
  void run_deferred() override {
    ++runs;
    if (runs < repeat)
      again.defer(*this);
  }

  poller& again;
  int repeat{0};
  int runs{0};
};

TEST(poller, runs_deferred_work_once_however_often_it_was_asked_for) {
  event_loop loop;
  counted_work work{loop.sockets};
  loop.sockets.defer(work);
  loop.sockets.defer(work);
  EXPECT_EQ(work.runs, 0) << "not within the call";
  loop.io.poll();
  EXPECT_EQ(work.runs, 1);
}

TEST(poller, lets_others_come_between_when_deferred_work_defers_itself) {
  event_loop loop;
  counted_work work{loop.sockets};
  work.repeat = 3;
  loop.sockets.defer(work);
  EXPECT_EQ(loop.io.poll_one(), 1U);
  EXPECT_EQ(work.runs, 1);
  loop.io.poll();
  EXPECT_EQ(work.runs, 3);
}

TEST(poller, forgets_deferred_work_that_is_gone) {
  event_loop loop;
  auto gone = std::make_unique<counted_work>(loop.sockets);
  counted_work stays{loop.sockets};
  loop.sockets.defer(*gone);
  loop.sockets.defer(stays);
  gone.reset();
  loop.io.poll();
  EXPECT_EQ(stays.runs, 1);
}

TEST(poller, reads_the_clock_before_deferred_work_that_no_socket_brought) {
  event_loop loop;
  const time_point before = clock::now();
  counted_work work{loop.sockets};
  loop.sockets.defer(work);
  loop.io.poll();
  EXPECT_GE(loop.time.now(), before);
}

}  // namespace
}  // namespace turnomatic::net
