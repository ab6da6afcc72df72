// Nobody waits beyond a deadline, and no turn is taken for somebody who has gone.
#include "unit/core/coalescer_fixture.hpp"

#include <vector>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

TEST(coalescer_deadline, ends_what_is_late_when_a_packet_is_filled) {
  coalescing shop;
  const fake_take& late = shop.add_until("a", shop.now);
  const fake_take& in_time = shop.add_until("a", shop.now + 1ns);
  EXPECT_EQ(shop.fill(), "a");
  EXPECT_EQ(late.error(), errc::deadline_passed);
  shop.tested.settle(shop.sent[0], {7, 1});
  EXPECT_EQ(in_time.range(), (turn_range{7, 1}));
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer_deadline, ends_what_is_late_wherever_it_stands) {
  coalescing shop;
  std::vector<fake_take*> late;
  std::vector<fake_take*> in_time;
  for (int i = 0; i < 3; ++i) {
    in_time.push_back(&shop.add("a"));
    late.push_back(&shop.add_until("a", shop.now));
    in_time.push_back(&shop.add_keyed("a", i == 0 ? "1" : i == 1 ? "2" : "3"));
    late.push_back(&shop.add_until("a", shop.now));
    late.push_back(&shop.add_until("a", shop.now));
  }
  EXPECT_EQ(shop.fill(), "a*3 a/1 a/2 a/3");
  for (const fake_take* const each : late)
    EXPECT_EQ(each->error(), errc::deadline_passed);
  shop.settle();
  for (const fake_take* const each : in_time)
    EXPECT_EQ(each->completions, 1);
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer_deadline, sends_nothing_if_all_who_waited_are_late) {
  coalescing shop;
  shop.add_until("a", shop.now);
  shop.add_until("b", shop.now);
  EXPECT_EQ(shop.fill(), "");
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer_deadline, of_a_take_under_a_key_makes_room_for_its_repeat) {
  coalescing shop;
  shop.add_keyed("a", "k").deadline = shop.now;
  shop.add_keyed("a", "k");
  EXPECT_EQ(shop.fill(), "a/k");
  shop.settle();
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer_deadline, ends_takes_wherever_they_are) {
  coalescing shop;
  const fake_take& sent_late = shop.add_until("a", shop.now + 1s);
  const fake_take& sent_in_time = shop.add_until("a", shop.now + 2s);
  const fake_take& returned_late = shop.add_keyed("a", "k");
  EXPECT_EQ(shop.fill(), "a*2 a/k");
  shop.tested.give_back(shop.sent[1]);
  const fake_take& waits_late = shop.add_until("a", shop.now + 1s);
  const fake_take& other_late = shop.add_until("b", shop.now + 1s);

  EXPECT_EQ(shop.tested.earliest_deadline(), shop.now + 1s);
  EXPECT_EQ(shop.tested.expire(shop.now + 1s - 1ns), 0U);
  EXPECT_EQ(shop.tested.expire(shop.now + 1s), 4U);
  EXPECT_EQ(sent_late.error(), errc::outcome_unknown);
  for (const fake_take* const each : {&returned_late, &waits_late, &other_late})
    EXPECT_EQ(each->error(), errc::deadline_passed);
  EXPECT_EQ(sent_in_time.completions, 0);
  EXPECT_EQ(shop.tested.earliest_deadline(), shop.now + 2s);
  EXPECT_EQ(shop.tested.waiting_count(), 0U);

  EXPECT_EQ(shop.tested.settle(shop.sent[0], {10, 2}), 1U) << "one that nobody waits for any more";
  EXPECT_EQ(sent_in_time.range(), (turn_range{10, 1}));
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer_deadline, leaves_a_batch_under_way_that_nobody_waits_for_any_more) {
  coalescing shop;
  shop.add("a");
  EXPECT_EQ(shop.fill(), "a");
  EXPECT_EQ(shop.tested.expire(shop.now + 1s), 1U);
  EXPECT_TRUE(shop.sent[0].under_way());
  shop.now += 1s;
  shop.add("a");
  packet other;
  shop.tested.fill(other, {}, shop.now);
  EXPECT_TRUE(other.empty()) << "its outcome is still open";
  EXPECT_EQ(shop.tested.settle(shop.sent[0], {1, 1}), 1U);
  EXPECT_EQ(shop.fill(), "a");
  shop.settle();
}

TEST(coalescer_deadline, leaves_nothing_to_give_back_of_a_batch_that_nobody_waits_for) {
  coalescing shop;
  shop.add("a");
  shop.add_keyed("a", "k");
  EXPECT_EQ(shop.fill(), "a a/k");
  shop.tested.expire(shop.now + 1s);
  shop.tested.fail_client(shop.sent[0], errc::too_many_new_ids, 1s);
  EXPECT_FALSE(shop.tested.idle());
  shop.tested.give_back(shop.sent[1]);
  EXPECT_EQ(shop.tested.waiting_count(), 0U);
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer_deadline, is_not_looked_for_again_in_batches_that_have_ended) {
  coalescing shop;
  const fake_take& taken = shop.add("a");
  shop.fill();
  shop.settle();
  EXPECT_EQ(shop.tested.expire(shop.now + 1s), 0U);
  shop.sent.clear();
  EXPECT_EQ(shop.tested.earliest_deadline(), time_point::max());
  EXPECT_EQ(taken.completions, 1);
}

TEST(coalescer_deadline, counts_again_from_when_a_take_was_given_back) {
  coalescing shop;
  shop.add_until("a", shop.now + 1s);
  shop.fill();
  shop.tested.expire(shop.now);
  EXPECT_EQ(shop.tested.earliest_deadline(), shop.now + 1s);
  shop.give_back();
  EXPECT_LE(shop.tested.earliest_deadline(), shop.now + 1s);
  EXPECT_EQ(shop.tested.expire(shop.now + 1s), 1U);
  EXPECT_EQ(shop.takes[0].error(), errc::deadline_passed) << "it was certainly not executed";
  EXPECT_TRUE(shop.tested.idle());
}

}  // namespace
}  // namespace turnomatic
