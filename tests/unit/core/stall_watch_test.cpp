#include "core/stall_watch.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

TEST(stall_watch, calls_a_loop_stuck_once_its_heartbeat_has_stood_still_for_that_long) {
  stall_watch watch{5s};
  for (auto passed = 0ms; passed < 5s; passed += 250ms)
    EXPECT_FALSE(watch.look(start + passed, start)) << passed.count();
  EXPECT_TRUE(watch.look(start + 5s, start));
  EXPECT_TRUE(watch.look(start + 6s, start));
  EXPECT_FALSE(watch.look(start + 7s, start + 6900ms)) << "it turns again";
}

TEST(stall_watch, never_calls_a_loop_stuck_that_turns) {
  stall_watch watch{5s};
  for (auto passed = 0ms; passed < 20s; passed += 250ms)
    EXPECT_FALSE(watch.look(start + passed, start + passed - 240ms));
}

TEST(stall_watch, blames_no_loop_for_a_time_in_which_nobody_looked) {
  stall_watch watch{5s};
  EXPECT_FALSE(watch.look(start, start));
  EXPECT_FALSE(watch.look(start + 1h, start)) << "the loop wakes up a little later than the watch";
  EXPECT_FALSE(watch.look(start + 1h + 1s, start + 1h));
}

TEST(stall_watch, finds_a_stuck_loop_even_if_it_always_looks_late) {
  stall_watch watch{5s};
  EXPECT_FALSE(watch.look(start, start));
  for (int looks = 1; looks < 5; ++looks)
    EXPECT_FALSE(watch.look(start + looks * 10s, start));
  EXPECT_TRUE(watch.look(start + 50s, start));
}

}  // namespace
}  // namespace turnomatic
