#include "core/open_work.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace turnomatic {
namespace {

// An instance whose threads go on between two readings of whoever counts.
struct instance {
  open_work work{1};
  std::size_t connections{0};
  std::size_t takes{0};
};

TEST(open_work, sums_up_what_listens_what_is_connected_and_what_is_under_way) {
  const open_work work{3};
  const auto counts = work.count([] { return std::size_t{5}; }, [] { return std::size_t{7}; });
  EXPECT_EQ(counts.connections, 8U);
  EXPECT_EQ(counts.takes, 7U);
  EXPECT_EQ(counts.sum(), 15U);
}

TEST(open_work, is_nothing_once_all_is_closed) {
  open_work work{2};
  const auto none = [] { return std::size_t{0}; };
  work.stopped_listening();
  EXPECT_EQ(work.count(none, none).sum(), 1U);
  work.stopped_listening();
  EXPECT_EQ(work.count(none, none).sum(), 0U);
}

// The worker takes the last connection from its backlog and closes its listeners just after the
// connections have been counted.
TEST(open_work, misses_no_connection_that_is_let_in_between_two_readings) {
  instance of;
  const auto counts = of.work.count(
      [&] {
        const std::size_t seen = of.connections++;
        of.work.stopped_listening();
        return seen;
      },
      [&] { return of.takes; });
  EXPECT_GT(counts.sum(), 0U);
  EXPECT_EQ(of.work.count([&] { return of.connections; }, [&] { return of.takes; }).connections,
            1U);
}

// The client sends its request and is gone just after the takes have been counted.
TEST(open_work, misses_no_take_that_outlives_its_connection_between_two_readings) {
  instance of;
  of.work.stopped_listening();
  of.connections = 1;
  const auto counts = of.work.count([&] { return of.connections; },
                                    [&] {
                                      of.connections = 0;
                                      return std::exchange(of.takes, 1);
                                    });
  EXPECT_GT(counts.sum(), 0U);
}

}  // namespace
}  // namespace turnomatic
