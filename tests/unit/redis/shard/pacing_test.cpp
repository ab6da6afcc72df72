#include "backend/redis/shard/pacing.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

TEST(pacing, does_not_pause_before_a_refusal) {
  pacing tested;
  EXPECT_FALSE(tested.pauses(start));
  EXPECT_EQ(tested.until(), time_point::max());
}

TEST(pacing, pauses_twice_as_long_after_each_refusal_up_to_half_a_second) {
  pacing tested;
  time_point now = start;
  for (const duration expected : {20ms, 40ms, 80ms, 160ms, 320ms, 500ms, 500ms}) {
    EXPECT_EQ(tested.refused(now), now - start >= 250ms) << "a moment is no failure";
    EXPECT_EQ(tested.until(), now + expected);
    EXPECT_TRUE(tested.pauses(now + expected - 1ns));
    now += expected;
    EXPECT_FALSE(tested.pauses(now));
    EXPECT_EQ(tested.until(), time_point::max()) << "there is nothing to wake up for any more";
  }
}

TEST(pacing, begins_with_the_shortest_pause_after_a_success) {
  pacing tested;
  EXPECT_FALSE(tested.refused(start));
  EXPECT_TRUE(tested.refused(start + 1s));
  tested.executed();
  EXPECT_FALSE(tested.refused(start + 1s));
  EXPECT_EQ(tested.until(), start + 1s + 20ms);
}

}  // namespace
}  // namespace turnomatic::redis
