#include "load/request_queue.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

request due(std::uint32_t id) {
  return {.id = id, .tries = 0, .due = 0, .first_sent = 0, .last_sent = 0, .key = 0, .begin = 0};
}

request_queue with_requests(std::uint32_t count) {
  request_queue made{8};
  for (std::uint32_t id = 0; id < count; ++id)
    made.add(due(id));
  return made;
}

TEST(request_queue, remembers_when_a_request_was_sent_first_and_last) {
  request_queue tested = with_requests(1);
  (void)tested.start(10, 0);
  tested.add(tested.take_oldest());
  const request& again = tested.start(30, 5);
  EXPECT_EQ(again.tries, 2U);
  EXPECT_EQ(again.first_sent, 10);
  EXPECT_EQ(again.last_sent, 30);
  EXPECT_EQ(again.begin, 5U);
}

TEST(request_queue, takes_back_what_the_kernel_never_took_in_its_order) {
  request_queue tested = with_requests(4);
  for (std::size_t i = 0; i < 4; ++i)
    (void)tested.start(10, i * 100);
  tested.take_back_unsent(101);  // the first whole, a byte of the second
  EXPECT_EQ(tested.under_way(), 2U);
  EXPECT_EQ(tested.waiting(), 2U);
  EXPECT_EQ(tested.oldest_sent(50), 10);
  (void)tested.take_oldest();
  (void)tested.take_oldest();
  EXPECT_EQ(tested.oldest_sent(50), 50) << "the others were never sent";
  EXPECT_EQ(tested.start(60, 0).id, 2U);
  EXPECT_EQ(tested.start(60, 0).first_sent, 60);
}

TEST(request_queue, takes_nothing_back_that_the_kernel_took) {
  request_queue tested = with_requests(3);
  (void)tested.start(10, 0);
  (void)tested.start(10, 100);
  tested.all_written();
  (void)tested.start(20, 0);
  tested.take_back_unsent(0);
  EXPECT_EQ(tested.under_way(), 2U);
  EXPECT_EQ(tested.waiting(), 1U);
}

TEST(request_queue, takes_nothing_back_that_was_answered) {
  request_queue tested = with_requests(2);
  (void)tested.start(10, 0);
  (void)tested.take_oldest();  // before all of it was written: a server need not read it all
  tested.take_back_unsent(0);
  EXPECT_EQ(tested.waiting(), 1U);
  EXPECT_EQ(tested.under_way(), 0U);
}

TEST(request_queue, drops_what_was_never_sent_and_keeps_what_is_to_be_sent_again) {
  request_queue tested = with_requests(3);
  (void)tested.start(10, 0);
  tested.add(tested.take_oldest());
  EXPECT_EQ(tested.drop_never_sent(), 2U);
  EXPECT_EQ(tested.waiting(), 1U);
  EXPECT_EQ(tested.oldest_sent(50), 10);
}

TEST(request_queue, gives_up_what_was_first_sent_before_a_moment) {
  request_queue tested = with_requests(3);
  (void)tested.start(10, 0);
  (void)tested.start(20, 0);
  tested.add(tested.take_oldest());
  tested.add(tested.take_oldest());
  EXPECT_FALSE(tested.take_sent_before(10));
  EXPECT_EQ(tested.take_sent_before(11)->id, 0U);
  EXPECT_FALSE(tested.take_sent_before(20));
  EXPECT_EQ(tested.take_sent_before(21)->id, 1U);
  EXPECT_FALSE(tested.take_sent_before(1000)) << "the last was never sent";
  EXPECT_EQ(tested.waiting(), 1U);
}

}  // namespace
}  // namespace turnomatic::bench
