#include "core/hold_down.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

TEST(hold_down, stands_as_soon_as_it_is_seen) {
  hold_down held{5s};
  EXPECT_FALSE(held.look(start, false));
  EXPECT_TRUE(held.look(start + 1ms, true));
}

TEST(hold_down, ends_once_it_has_not_been_seen_for_that_long) {
  hold_down held{5s};
  EXPECT_TRUE(held.look(start, true));
  EXPECT_TRUE(held.look(start + 4999ms, false));
  EXPECT_FALSE(held.look(start + 5s, false));
  EXPECT_FALSE(held.look(start + 6s, false));
  EXPECT_TRUE(held.look(start + 7s, true)) << "it may come again";
}

TEST(hold_down, stands_without_a_break_while_it_comes_and_goes) {
  hold_down held{5s};
  EXPECT_TRUE(held.look(start, true));
  for (auto passed = 250ms; passed <= 60s; passed += 250ms)
    EXPECT_TRUE(held.look(start + passed, passed % 4750ms == 0ms)) << passed.count();
}

}  // namespace
}  // namespace turnomatic
