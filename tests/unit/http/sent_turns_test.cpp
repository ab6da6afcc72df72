#include "http/sent_turns.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

TEST(sent_turns, are_none_at_first) {
  const sent_turns tested;
  EXPECT_FALSE(tested.any());
  EXPECT_EQ(tested.among_last(1000), 0U);
}

TEST(sent_turns, do_not_become_any_by_other_answers) {
  sent_turns tested;
  tested.add(500, 0);
  EXPECT_FALSE(tested.any());
  EXPECT_EQ(tested.among_last(500), 0U);
}

TEST(sent_turns, lie_in_the_write_that_they_left_with) {
  sent_turns tested;
  tested.add(150, 1);
  tested.add(2000, 0);
  tested.add(300, 2);
  EXPECT_EQ(tested.among_last(0), 0U);
  EXPECT_EQ(tested.among_last(300), 2U);
  EXPECT_EQ(tested.among_last(2300), 2U);
  EXPECT_EQ(tested.among_last(2301), 3U) << "a byte of it is missing";
}

TEST(sent_turns, of_one_write_are_taken_for_equally_long) {
  sent_turns tested;
  tested.add(900, 6);
  EXPECT_EQ(tested.among_last(1), 1U);
  EXPECT_EQ(tested.among_last(150), 1U);
  EXPECT_EQ(tested.among_last(151), 2U);
  EXPECT_EQ(tested.among_last(900), 6U);
}

TEST(sent_turns, of_long_ago_are_one_write) {
  sent_turns tested;
  for (int i = 0; i < 100; ++i)
    tested.add(150, 1);
  for (std::uint64_t turns = 0; turns <= 100; ++turns)
    EXPECT_EQ(tested.among_last(turns * 150), turns);
  EXPECT_EQ(tested.among_last(1'000'000), 100U) << "no more than there were";
}

TEST(sent_turns, are_counted_on_a_connection_that_lasts_for_years) {
  sent_turns tested;
  for (int i = 0; i < 1000; ++i)
    tested.add(std::size_t{150} << 20, 1U << 20);
  tested.add(150, 1);
  EXPECT_EQ(tested.among_last(150), 1U);
  constexpr std::uint64_t socket_buffer = 150U << 22;
  EXPECT_EQ(tested.among_last(socket_buffer), 1U << 22);
}

}  // namespace
}  // namespace turnomatic::http
