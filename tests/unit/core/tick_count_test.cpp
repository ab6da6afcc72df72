#include "core/tick_count.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

const time_point origin{1000s};

TEST(tick_count, counts_a_tick_when_it_has_ended) {
  tick_count ticks{origin, 250ms};
  const tick first = ticks.at(origin);
  EXPECT_EQ(ticks.at(origin + 250ms - 1ns), first);
  EXPECT_EQ(ticks.at(origin + 250ms), first + 1);
  EXPECT_EQ(ticks.at(origin + 499ms), first + 1);
  EXPECT_EQ(ticks.at(origin + 500ms), first + 2);
}

// Each beat comes 90 ms late: scheduled from now, every fourth would be missing.
TEST(tick_count, follows_the_clock_however_late_each_tick_is_noticed) {
  tick_count ticks{origin, 250ms};
  const tick first = ticks.at(origin);
  time_point now = origin;
  for (int beat = 0; beat < 4000; ++beat) {
    now = ticks.next() + 90ms;
    (void)ticks.at(now);
  }
  EXPECT_EQ(ticks.at(now) - first, 4000U);
  EXPECT_EQ(now, origin + 1000s + 90ms);
}

TEST(tick_count, counts_what_was_missed_in_a_stop_and_makes_up_for_none) {
  tick_count ticks{origin, 250ms};
  const tick first = ticks.at(origin);
  EXPECT_EQ(ticks.at(origin + 1h + 10ms), first + 4 * 3600);
  EXPECT_EQ(ticks.next(), origin + 1h + 250ms) << "in the future";
}

TEST(tick_count, does_not_go_back) {
  tick_count ticks{origin, 250ms};
  const tick later = ticks.at(origin + 10s);
  EXPECT_EQ(ticks.at(origin), later);
}

TEST(tick_count, is_compared_over_its_wrap) {
  const tick last = ~tick{0};
  EXPECT_TRUE(is_before(last, 0));
  EXPECT_TRUE(is_before(last - 10, 10));
  EXPECT_FALSE(is_before(0, last));
  EXPECT_FALSE(is_before(7, 7));
}

}  // namespace
}  // namespace turnomatic
