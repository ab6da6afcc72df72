// Takes of one id share an increment: which, in what order, and what each of them gets.
#include "unit/core/coalescer_fixture.hpp"

#include <string_view>
#include <vector>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

TEST(coalescer, hands_the_turns_of_a_batch_out_in_the_order_of_arrival) {
  coalescing shop;
  const fake_take& first = shop.add("a");
  const fake_take& second = shop.add("a", 3);
  const fake_take& third = shop.add("a");
  EXPECT_EQ(shop.tested.waiting_count(), 3U);

  EXPECT_EQ(shop.fill(), "a*5");
  EXPECT_EQ(shop.tested.waiting_count(), 0U);
  EXPECT_FALSE(shop.tested.idle());
  EXPECT_TRUE(shop.sent[0].under_way());
  EXPECT_EQ(shop.tested.settle(shop.sent[0], {41, 5}), 0U);
  EXPECT_EQ(first.range(), (turn_range{41, 1}));
  EXPECT_EQ(second.range(), (turn_range{42, 3}));
  EXPECT_EQ(third.range(), (turn_range{45, 1}));
  EXPECT_FALSE(shop.sent[0].under_way());
  EXPECT_EQ(shop.sent[0].id.text(), "a") << "can be read until the packet is cleared";
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer, forms_the_next_batch_of_an_id_while_one_is_under_way) {
  coalescing shop;
  shop.add("a");
  EXPECT_EQ(shop.fill(), "a");
  const fake_take& later = shop.add("a");
  shop.add("a");
  packet other;
  shop.tested.fill(other, {}, shop.now);
  EXPECT_TRUE(other.empty());
  shop.settle();
  EXPECT_EQ(later.completions, 0);
  EXPECT_EQ(shop.fill(), "a*2");
  shop.tested.settle(shop.sent[0], {2, 2});
  EXPECT_EQ(later.range(), (turn_range{2, 1}));
}

TEST(coalescer, bounds_a_batch_but_lets_a_larger_take_be_one_of_its_own) {
  coalescing shop{{.batch_max = 10, .queue_max = 100, .queue_max_per_id = 100}};
  for (const std::uint32_t count : {6U, 4U, 1U, 10U, 50U, 11U})
    shop.add("a", count);
  for (const std::string_view expected : {"a*10", "a", "a*10", "a*50", "a*11", ""}) {
    EXPECT_EQ(shop.fill(), expected);
    shop.settle();
  }
}

TEST(coalescer, bounds_a_batch_by_what_was_applied_last) {
  coalescing shop;
  for (int i = 0; i < 3; ++i)
    shop.add("a");
  shop.tested.apply({.batch_max = 2, .queue_max = 3, .queue_max_per_id = 3});
  EXPECT_EQ(shop.fill(), "a*2");
  shop.settle();
}

TEST(coalescer, refuses_what_is_beyond_its_bounds) {
  coalescing shop{{.batch_max = 10, .queue_max = 3, .queue_max_per_id = 2}};
  shop.add("a");
  shop.add("a");
  fake_take& third = shop.make("a");
  EXPECT_FALSE(shop.tested.enqueue(third)) << "per id";
  shop.add("b");
  fake_take& other = shop.make("c");
  EXPECT_FALSE(shop.tested.enqueue(other)) << "in all";
  EXPECT_FALSE(shop.tested.cancel(other)) << "it is not held";
  EXPECT_EQ(shop.fill(1), "a*2");
  EXPECT_TRUE(shop.tested.enqueue(other)) << "what is under way does not wait";
  EXPECT_TRUE(shop.tested.enqueue(third));
  EXPECT_EQ(shop.tested.waiting_count(), 3U);
  shop.give_back();
  EXPECT_EQ(shop.tested.waiting_count(), 5U) << "what is given back is refused nothing";
}

TEST(coalescer, takes_no_turn_for_what_was_withdrawn_before_it_was_sent) {
  coalescing shop;
  fake_take& gone = shop.add("a");
  fake_take& stays = shop.add("a");
  EXPECT_TRUE(shop.tested.cancel(gone));
  EXPECT_FALSE(shop.tested.cancel(gone)) << "not held any more";
  EXPECT_EQ(shop.fill(), "a");
  EXPECT_FALSE(shop.tested.cancel(stays)) << "under way";
  shop.settle();
  EXPECT_FALSE(shop.tested.cancel(stays)) << "completed";
  EXPECT_EQ(gone.completions, 0);
  EXPECT_EQ(stays.completions, 1);
}

TEST(coalescer, lets_what_was_given_back_be_withdrawn) {
  coalescing shop;
  fake_take& shared = shop.add("a");
  fake_take& keyed = shop.add_keyed("a", "k");
  fake_take& last = shop.add_keyed("a", "l");
  EXPECT_EQ(shop.fill(), "a a/k a/l");
  shop.tested.give_back(shop.sent[0]);
  EXPECT_TRUE(shop.tested.cancel(shared)) << "while others of its id are under way";
  EXPECT_EQ(shop.tested.waiting_count(), 0U);
  shop.tested.give_back(shop.sent[1]);
  shop.tested.give_back(shop.sent[2]);
  EXPECT_TRUE(shop.tested.cancel(keyed));
  EXPECT_TRUE(shop.tested.cancel(last));
  EXPECT_TRUE(shop.tested.idle());
  EXPECT_EQ(shared.completions + keyed.completions + last.completions, 0);
}

TEST(coalescer, forgets_an_id_when_its_last_take_is_withdrawn) {
  coalescing shop;
  fake_take& only = shop.add("a");
  EXPECT_TRUE(shop.tested.cancel(only));
  EXPECT_TRUE(shop.tested.idle());
  EXPECT_EQ(shop.fill(), "");
}

TEST(coalescer, keeps_an_id_whose_batch_is_under_way_when_all_that_waits_is_withdrawn) {
  coalescing shop;
  shop.add("a");
  EXPECT_EQ(shop.fill(), "a");
  fake_take& gone = shop.add("a");
  EXPECT_TRUE(shop.tested.cancel(gone));
  EXPECT_FALSE(shop.tested.idle());
  shop.settle();
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer, says_of_what_was_taken_before_that_it_was) {
  coalescing shop;
  fake_take& repeat = shop.make("a", 2);
  repeat.key = "k";
  EXPECT_TRUE(shop.tested.enqueue(repeat));
  EXPECT_EQ(shop.fill(), "a/k*2");
  EXPECT_EQ(shop.tested.settle(shop.sent[0], {5, 3, true}), 0U) << "none is burned";
  EXPECT_EQ(repeat.range(), (turn_range{5, 2, true}));
}

TEST(coalescer, tells_those_at_the_end_of_a_counter) {
  coalescing shop;
  const fake_take& first = shop.add("a", 2);
  const fake_take& second = shop.add("a", 2);
  const fake_take& third = shop.add("a");
  shop.fill();
  EXPECT_EQ(shop.tested.settle(shop.sent[0], {turn_max - 2, 3}), 0U);
  EXPECT_EQ(first.range(), (turn_range{turn_max - 2, 2}));
  EXPECT_EQ(second.range(), (turn_range{turn_max, 1})) << "a shorter range";
  EXPECT_EQ(third.error(), errc::counter_exhausted);
}

TEST(coalescer, fails_a_batch_and_serves_the_next_of_its_id) {
  coalescing shop;
  const fake_take& failed = shop.add("a");
  shop.fill();
  const fake_take& next = shop.add("a");
  shop.tested.fail(shop.sent[0], errc::too_many_new_ids, 7s);
  EXPECT_EQ(failed.error(), errc::too_many_new_ids);
  EXPECT_EQ(failed.retry_in, 7s);
  EXPECT_EQ(shop.fill(), "a");
  shop.settle();
  EXPECT_EQ(next.range(), (turn_range{1, 1}));
}

TEST(coalescer, fails_the_takes_of_one_client_and_leaves_those_of_others_where_they_were) {
  coalescing shop;
  std::vector<fake_take*> all;
  for (const std::uint64_t client : {1U, 2U, 1U, 3U, 2U}) {
    all.push_back(&shop.add("a"));
    all.back()->client = client;
  }
  shop.fill();
  const fake_take& later = shop.add("a");
  EXPECT_EQ(shop.sent[0].client, 1U);
  shop.tested.fail_client(shop.sent[0], errc::too_many_new_ids, 9s);
  for (const std::size_t i : {0U, 2U})
    EXPECT_EQ(all[i]->error(), errc::too_many_new_ids);
  EXPECT_EQ(all[2]->retry_in, 9s);
  EXPECT_EQ(shop.tested.waiting_count(), 4U);
  EXPECT_EQ(shop.fill(), "a*4");
  EXPECT_EQ(shop.sent[0].client, 2U);
  shop.settle();
  EXPECT_EQ(all[1]->range(), (turn_range{1, 1}));
  EXPECT_EQ(all[3]->range(), (turn_range{2, 1}));
  EXPECT_EQ(all[4]->range(), (turn_range{3, 1}));
  EXPECT_EQ(later.range(), (turn_range{4, 1}));
}

TEST(coalescer, ends_a_batch_all_of_whose_takes_are_of_the_client_that_fails) {
  coalescing shop;
  const fake_take& first = shop.add("a");
  shop.add("a");
  shop.fill();
  shop.tested.fail_client(shop.sent[0], errc::too_many_new_ids, 9s);
  EXPECT_EQ(first.completions, 1);
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer, fails_all_that_wait_and_leaves_alone_what_is_under_way) {
  coalescing shop;
  const fake_take& sent = shop.add("a");
  const fake_take& returned = shop.add_keyed("a", "k");
  EXPECT_EQ(shop.fill(), "a a/k");
  const fake_take& later = shop.add("a");
  const fake_take& other = shop.add("b");
  shop.tested.give_back(shop.sent[1]);
  shop.tested.fail_waiting(errc::breaker_open);
  for (const fake_take* const each : {&returned, &later, &other})
    EXPECT_EQ(each->error(), errc::breaker_open);
  EXPECT_EQ(sent.completions, 0);
  EXPECT_EQ(shop.tested.waiting_count(), 0U);
  shop.tested.settle(shop.sent[0], {1, 1});
  EXPECT_TRUE(shop.tested.idle());
}

// ---- the owner of a take may begin another, and withdraw some, when it is told

TEST(coalescer, lets_a_take_come_again_whatever_it_is_told) {
  coalescing shop;
  fake_take& tireless = shop.add("a");
  tireless.then = [&] { EXPECT_TRUE(shop.tested.enqueue(tireless)); };
  EXPECT_EQ(shop.fill(), "a");
  shop.tested.settle(shop.sent[0], {1, 1});
  EXPECT_EQ(shop.fill(), "a");
  shop.tested.fail(shop.sent[0], errc::store_full);
  EXPECT_EQ(shop.fill(), "a");
  shop.tested.fail_client(shop.sent[0], errc::too_many_new_ids, 1s);
  shop.tested.fail_waiting(errc::breaker_open);
  tireless.deadline = shop.now;
  EXPECT_EQ(shop.fill(), "") << "late: it waits for the next packet";
  EXPECT_EQ(shop.tested.expire(shop.now), 1U);
  EXPECT_EQ(tireless.completions, 6);
  EXPECT_EQ(shop.tested.waiting_count(), 1U);
  tireless.then = nullptr;
  tireless.deadline = shop.now + 1s;
  EXPECT_EQ(shop.fill(), "a");
  shop.settle();
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer, lets_others_be_withdrawn_when_a_take_completes) {
  coalescing shop;
  fake_take& first = shop.add("a");
  fake_take& beside = shop.add("a");
  shop.fill();
  fake_take& waits = shop.add("a");
  fake_take& elsewhere = shop.add("b");
  first.then = [&] {
    EXPECT_FALSE(shop.tested.cancel(beside)) << "it completes next";
    EXPECT_TRUE(shop.tested.cancel(waits));
    EXPECT_TRUE(shop.tested.cancel(elsewhere));
  };
  shop.settle();
  EXPECT_EQ(beside.completions, 1);
  EXPECT_EQ(waits.completions + elsewhere.completions, 0);
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer, lets_nobody_withdraw_what_is_about_to_be_told) {
  for (const bool expire : {false, true}) {
    coalescing shop;
    std::vector<fake_take*> all;
    for (const std::string_view id : {"a", "b", "a"}) {
      all.push_back(&shop.add(id));
      all.back()->then = [&] {
        for (fake_take* const each : all)
          EXPECT_FALSE(shop.tested.cancel(*each));
      };
    }
    if (expire)
      shop.tested.expire(shop.now + 1s);
    else
      shop.tested.fail_waiting(errc::breaker_open);
    for (const fake_take* const each : all)
      EXPECT_EQ(each->completions, 1);
    EXPECT_TRUE(shop.tested.idle());
  }
}

}  // namespace
}  // namespace turnomatic
