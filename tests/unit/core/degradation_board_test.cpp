#include "core/degradation_board.hpp"

#include <gtest/gtest.h>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

const degradation_board::time_point start{1000s};

TEST(degradation_board, is_empty_at_first) {
  EXPECT_TRUE(degradation_board{}.list().empty());
}

TEST(degradation_board, lists_what_was_raised_oldest_first) {
  degradation_board board;
  EXPECT_TRUE(board.raise("a", "why a", "action a", start));
  EXPECT_TRUE(board.raise("b", "why b", "action b", start + 1s));
  const auto list = board.list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].what, "a");
  EXPECT_EQ(list[0].why, "why a");
  EXPECT_EQ(list[0].action, "action a");
  EXPECT_EQ(list[1].what, "b");
  EXPECT_EQ(list[1].since, start + 1s);
}

TEST(degradation_board, keeps_since_and_renews_the_cause_when_raised_again) {
  degradation_board board;
  board.raise("a", "first", "one", start);
  EXPECT_FALSE(board.raise("a", "second", "two", start + 5s));
  const auto list = board.list();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].since, start);
  EXPECT_EQ(list[0].why, "second");
  EXPECT_EQ(list[0].action, "two");
}

TEST(degradation_board, forgets_what_was_cleared) {
  degradation_board board;
  board.raise("a", "", "", start);
  EXPECT_TRUE(board.contains("a"));
  EXPECT_TRUE(board.clear("a"));
  EXPECT_FALSE(board.clear("a"));
  EXPECT_FALSE(board.contains("a"));
  EXPECT_TRUE(board.raise("a", "", "", start + 9s));
  EXPECT_EQ(board.list()[0].since, start + 9s);
}

}  // namespace
}  // namespace turnomatic
