#include "recording/reading_order.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

TEST(reading_order, reads_on_in_the_recording_that_is_furthest_behind) {
  reading_order tested;
  tested.add(1);
  tested.add(1);
  EXPECT_EQ(tested.next(), 0U);
  tested.reached(0, 0, 10);
  EXPECT_EQ(tested.next(), 1U);
  tested.reached(1, 0, 5);
  EXPECT_EQ(tested.next(), 1U);
  tested.reached(1, 0, 11);
  EXPECT_EQ(tested.next(), 0U);
}

TEST(reading_order, waits_until_every_stream_of_a_recording_has_brought_something) {
  reading_order tested;
  tested.add(2);
  tested.add(2);
  tested.reached(0, 0, 10);
  tested.reached(0, 1, 12);
  tested.reached(1, 0, 1000);
  EXPECT_EQ(tested.next(), 1U) << "its other stream may be at any time";
  tested.reached(1, 1, 1000);
  EXPECT_EQ(tested.next(), 0U);
}

TEST(reading_order, takes_a_recording_to_be_where_its_last_stream_is) {
  reading_order tested;
  tested.add(2);
  tested.add(1);
  tested.reached(0, 0, 100);
  tested.reached(0, 1, 10);
  tested.reached(1, 0, 50);
  EXPECT_EQ(tested.next(), 0U);
  tested.reached(0, 1, 51);
  EXPECT_EQ(tested.next(), 1U);
}

TEST(reading_order, ends_with_the_last_recording) {
  reading_order tested;
  tested.add(1);
  tested.add(1);
  tested.ended(0);
  EXPECT_EQ(tested.next(), 1U);
  tested.ended(1);
  EXPECT_FALSE(tested.next());
}

}  // namespace
}  // namespace turnomatic::bench
