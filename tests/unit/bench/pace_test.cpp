#include "load/pace.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

constexpr moment second = 1'000'000'000;

TEST(pace, lets_a_closed_loop_send_until_the_end) {
  pace tested{{.start = 0, .measure_from = 0, .count = {}, .end = second}};
  EXPECT_EQ(tested.take(0), 0);
  EXPECT_EQ(tested.take(second - 1), second - 1);
  EXPECT_FALSE(tested.take(second));
  EXPECT_TRUE(tested.finished(second));
  EXPECT_EQ(tested.overdue(), 0U);
}

TEST(pace, counts_requests_but_not_those_of_the_warm_up) {
  pace tested{{.start = 0, .measure_from = 10, .count = 2, .end = 0}};
  EXPECT_TRUE(tested.take(5));
  EXPECT_TRUE(tested.take(10));
  EXPECT_FALSE(tested.finished(11));
  EXPECT_TRUE(tested.take(11));
  EXPECT_FALSE(tested.take(12));
}

TEST(pace, spaces_an_open_loop_evenly_and_holds_nothing_back) {
  pace tested{{.start = second, .measure_from = second, .count = {}, .end = 2 * second, .rate = 4}};
  EXPECT_EQ(tested.take(second), second);
  EXPECT_FALSE(tested.take(second + second / 4 - 1));
  EXPECT_EQ(tested.next_due(second), second + second / 4);
  // Late, both that were due meanwhile are due for when they should have been sent.
  EXPECT_EQ(tested.take(second + second / 2), second + second / 4);
  EXPECT_EQ(tested.take(second + second / 2), second + second / 2);
  EXPECT_FALSE(tested.take(second + second / 2));
}

TEST(pace, says_what_an_open_loop_could_not_send) {
  pace tested{{.start = 0, .measure_from = 0, .count = {}, .end = second, .rate = 10}};
  EXPECT_TRUE(tested.take(second / 2));
  EXPECT_FALSE(tested.take(second)) << "the end is the end";
  EXPECT_EQ(tested.overdue(), 9U);
}

TEST(pace, stops_when_told) {
  pace tested{{.start = 0, .measure_from = 0, .count = 5, .end = 0}};
  tested.stop(7);
  EXPECT_TRUE(tested.finished(7));
  EXPECT_FALSE(tested.take(7));
  EXPECT_FALSE(tested.next_due(7));
}

}  // namespace
}  // namespace turnomatic::bench
