// Sockets that become ready, and what is put off until they have been served.
#include "net/event_loop.hpp"
#include "unit/net/counted_work.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <functional>
#include <list>
#include <memory>
#include <numeric>
#include <utility>

namespace turnomatic::net {
namespace {

// Becomes ready as a socket does, without one.
class event_descriptor {
 public:
  event_descriptor() : fd_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}
  ~event_descriptor() { ::close(fd_); }
  event_descriptor(const event_descriptor&) = delete;
  event_descriptor& operator=(const event_descriptor&) = delete;

  void raise() const { ::eventfd_write(fd_, 1); }
  [[nodiscard]] int native_handle() const { return fd_; }

 private:
  int fd_;
};

struct calling_handler final : ready_handler {
  explicit calling_handler(std::function<void()> what) : told{std::move(what)} {}
  void on_ready(readiness_event) override { told(); }

  std::function<void()> told;
};

TEST(poller, runs_what_is_deferred_behind_the_sockets_and_what_that_defers_too) {
  event_loop loop;
  loop.sockets.start();
  counted_work work{loop.later};
  work.repeat = 3;
  const event_descriptor ready;
  int calls = 0;
  calling_handler handler{[&] {
    ++calls;
    loop.later.add(work);
  }};
  ASSERT_FALSE(loop.sockets.add(ready.native_handle(), handler));
  ready.raise();
  loop.io.poll();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(work.runs, 3);
}

TEST(poller, says_nothing_of_a_descriptor_that_was_removed) {
  event_loop loop;
  loop.sockets.start();
  const event_descriptor ready;
  int calls = 0;
  calling_handler handler{[&] { ++calls; }};
  ASSERT_FALSE(loop.sockets.add(ready.native_handle(), handler));
  loop.sockets.remove(ready.native_handle());
  ready.raise();
  loop.io.poll();
  EXPECT_EQ(calls, 0);
}

// A thousand clients that always have more to say hold up another by some of them.
TEST(poller, looks_at_the_sockets_between_much_deferred_work) {
  event_loop loop;
  loop.sockets.start();
  std::list<counted_work> greedy;
  for (int i = 0; i < 10 * deferred_queue::run_max; ++i)
    greedy.emplace_back(loop.later).repeat = 1000;
  const auto runs = [&] {
    return std::accumulate(greedy.begin(), greedy.end(), 0,
                           [](int sum, const counted_work& each) { return sum + each.runs; });
  };
  int runs_before = -1;
  calling_handler modest{[&] { runs_before = runs(); }};
  const event_descriptor later;
  ASSERT_FALSE(loop.sockets.add(later.native_handle(), modest));
  for (counted_work& each : greedy)
    loop.later.add(each);
  EXPECT_EQ(loop.io.poll_one(), 1U);
  EXPECT_EQ(runs(), deferred_queue::run_max);
  later.raise();
  while (runs_before < 0)
    ASSERT_EQ(loop.io.poll_one(), 1U);
  EXPECT_LE(runs_before, 3 * deferred_queue::run_max);

  loop.io.poll();
  for (const counted_work& each : greedy)
    EXPECT_EQ(each.runs, 1000) << "and each has its turn";
}

}  // namespace
}  // namespace turnomatic::net
