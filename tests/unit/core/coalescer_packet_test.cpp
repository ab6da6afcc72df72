// Batches of many ids share a packet: which, in what order, and what becomes of the rest.
#include "unit/core/coalescer_fixture.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

TEST(coalescer_packet, carries_one_batch_of_each_id_in_the_order_in_which_they_came_to_wait) {
  coalescing shop;
  for (const std::string_view id : {"b", "a", "c", "a", "b"})
    shop.add(id);
  EXPECT_EQ(shop.fill(), "b*2 a*2 c");
  shop.settle();
  EXPECT_TRUE(shop.tested.idle());
}

TEST(coalescer_packet, is_empty_if_nothing_waits) {
  coalescing shop;
  EXPECT_EQ(shop.fill(), "");
  EXPECT_TRUE(shop.sent.empty());
}

TEST(coalescer_packet, has_all_its_room_again_after_what_it_carried_before) {
  coalescing shop;
  for (int i = 0; i < 2; ++i) {
    shop.add("long-name", 7);
    shop.add_keyed("a", "key");
    EXPECT_EQ(shop.fill({.bytes_max = 9 + 1 + 3}), "long-name*7 a/key");
    shop.settle();
  }
}

// ---- limits

TEST(coalescer_packet, carries_batches_max_and_leaves_the_rest_first_in_line) {
  coalescing shop;
  for (const std::string_view id : {"a", "b", "c", "d"})
    shop.add(id);
  EXPECT_EQ(shop.fill(3), "a b c");
  shop.add("e");
  shop.add("a");
  shop.settle();
  EXPECT_EQ(shop.fill(3), "d e a");
  shop.settle();
  for (const std::string_view id : {"a", "b", "c"})
    shop.add(id);
  EXPECT_EQ(shop.fill(3), "a b c");
  shop.settle();
}

TEST(coalescer_packet, carries_bytes_max_and_leaves_the_rest_first_in_line) {
  coalescing shop;
  for (const std::string_view id : {"aaaa", "bbbb", "c"})
    shop.add(id);
  EXPECT_EQ(shop.fill({.bytes_max = 8}), "aaaa bbbb");
  shop.give_back();
  EXPECT_EQ(shop.fill({.bytes_max = 8}), "c aaaa") << "one byte too many for another";
  shop.settle();
  EXPECT_EQ(shop.fill({.bytes_max = 8}), "bbbb");
  shop.settle();
}

TEST(coalescer_packet, does_not_let_a_smaller_one_overtake_what_does_not_fit) {
  coalescing shop;
  for (const std::string_view id : {"aaaa", "bbbb", "c"})
    shop.add(id);
  EXPECT_EQ(shop.fill({.bytes_max = 7}), "aaaa");
  shop.settle();
  EXPECT_EQ(shop.fill({.bytes_max = 7}), "bbbb c");
  shop.settle();
}

TEST(coalescer_packet, counts_keys_among_its_bytes) {
  coalescing shop;
  shop.add("aa");
  shop.add_keyed("bb", "123");
  shop.add_keyed("cc", "123");
  EXPECT_EQ(shop.fill({.bytes_max = 12}), "aa bb/123 cc/123");
  shop.give_back();
  EXPECT_EQ(shop.fill({.bytes_max = 11}), "aa bb/123");
  shop.settle();
  EXPECT_EQ(shop.fill({.bytes_max = 11}), "cc/123");
  shop.settle();
}

TEST(coalescer_packet, carries_what_exceeds_its_bytes_alone) {
  coalescing shop;
  const std::string key(take_operation::key_size_max, 'k');
  shop.add("a");
  shop.add_keyed("b", key);
  shop.add("c");
  EXPECT_EQ(shop.fill({.bytes_max = 1}), "a");
  shop.settle();
  EXPECT_EQ(shop.fill({.bytes_max = 1}), "b/" + key);
  shop.settle();
  EXPECT_EQ(shop.fill({.bytes_max = 1}), "c");
  shop.settle();
}

TEST(coalescer_packet, may_be_filled_within_wider_limits_than_before) {
  coalescing shop;
  for (int i = 0; i < 600; ++i)
    shop.add_keyed("id" + std::to_string(i % 300), i < 300 ? "first" : "second");
  for (const std::size_t batches_max : {1U, 10U, 100U, 489U}) {
    EXPECT_NE(shop.fill(batches_max), "");
    EXPECT_EQ(shop.sent.size(), batches_max);
    shop.settle();
  }
  EXPECT_TRUE(shop.tested.idle());
}

// ---- fairness

TEST(coalescer_packet, serves_ids_in_turn) {
  coalescing shop{{.batch_max = 1, .queue_max = 100, .queue_max_per_id = 100}};
  for (int i = 0; i < 3; ++i)
    shop.add("hot");
  shop.add("cold");
  for (const std::string_view expected : {"hot", "cold", "hot", "hot", ""}) {
    EXPECT_EQ(shop.fill(1), expected);
    shop.settle();
  }
}

TEST(coalescer_packet, gives_each_id_a_batch_before_any_gets_its_next) {
  coalescing shop;
  for (const std::string_view key : {"1", "2", "3", "4"})
    shop.add_keyed("hot", key);
  shop.add("a");
  shop.add_keyed("b", "1");
  shop.add("b");
  shop.add("b");
  EXPECT_EQ(shop.fill(3), "a hot/1 b/1");
  shop.give_back();
  EXPECT_EQ(shop.fill(5), "a b*2 hot/1 b/1 hot/2") << "in the order in which they were given back";
  shop.give_back();
  EXPECT_EQ(shop.fill(), "a b*2 hot/1 b/1 hot/2 hot/3 hot/4");
  shop.settle();
}

TEST(coalescer_packet, keeps_no_id_waiting_for_longer_than_those_before_it_take) {
  coalescing shop;
  constexpr std::size_t ids = 40;
  constexpr std::size_t batches_max = 8;
  std::vector<int> since_served(ids, 0);
  for (std::size_t id = 0; id < ids; ++id) {
    for (const std::string_view key : {"1", "2", "3"})
      shop.add_keyed("id" + std::to_string(id), key);
  }
  for (int round = 0; round < 100; ++round) {
    shop.fill(batches_max);
    for (int& rounds : since_served)
      ++rounds;
    for (batch& each : shop.sent)
      since_served[std::stoul(std::string{each.id.text().substr(2)})] = 0;
    shop.give_back();
    ASSERT_LT(*std::max_element(since_served.begin(), since_served.end()), 5) << round;
  }
}

// ---- keys

TEST(coalescer_packet, carries_batches_under_a_key_last) {
  coalescing shop;
  const fake_take& first = shop.add_keyed("a", "1");
  const fake_take& shared = shop.add("a");
  shop.add("b");
  const fake_take& second = shop.add_keyed("a", "2");
  const fake_take& joins = shop.add("a", 2);
  EXPECT_EQ(shop.fill(), "b a*3 a/1 a/2");
  shop.tested.settle(shop.sent[3], {10, 1});
  shop.tested.settle(shop.sent[1], {20, 3});
  EXPECT_FALSE(shop.tested.idle());
  shop.tested.settle(shop.sent[2], {30, 1, true});
  EXPECT_EQ(second.range(), (turn_range{10, 1}));
  EXPECT_EQ(shared.range(), (turn_range{20, 1}));
  EXPECT_EQ(joins.range(), (turn_range{21, 2}));
  EXPECT_EQ(first.range(), (turn_range{30, 1, true}));
  shop.settle();
  EXPECT_TRUE(shop.tested.idle());
}

// In one packet the second would find nothing in the store, and take turns of its own.
TEST(coalescer_packet, carries_one_take_under_a_key_of_an_id) {
  coalescing shop;
  shop.add_keyed("a", "k");
  shop.add_keyed("b", "k");
  shop.add_keyed("a", "k");
  shop.add_keyed("a", "l");
  shop.add("a");
  EXPECT_EQ(shop.fill(), "a/k b/k") << "what came after the repeat waits with it";
  shop.settle();
  EXPECT_EQ(shop.fill(), "a a/k a/l");
  shop.settle();
}

TEST(coalescer_packet, tells_many_keys_apart) {
  coalescing shop;
  std::deque<std::string> keys;
  for (int i = 0; i < 256; ++i)
    shop.add_keyed("a", keys.emplace_back(std::to_string(i)));
  for (int round = 0; round < 10; ++round) {
    shop.fill();
    EXPECT_EQ(shop.sent.size(), 256U);
    for (std::size_t i = 0; i < shop.sent.size(); ++i)
      EXPECT_EQ(shop.sent[i].key, keys[i]);
    shop.give_back();
  }
}

TEST(coalescer_packet, owns_its_keys) {
  coalescing shop;
  std::string key = "short-lived";
  shop.add_keyed("a", key);
  EXPECT_EQ(shop.fill(), "a/short-lived");
  EXPECT_EQ(shop.tested.expire(shop.now + 1s), 1U) << "its owner may be gone now";
  key = "overwritten";
  EXPECT_EQ(text_of(shop.sent), "a/short-lived");
  EXPECT_EQ(shop.tested.settle(shop.sent[0], {1, 1}), 1U);
}

TEST(coalescer_packet, keeps_an_id_back_until_all_its_batches_have_ended) {
  coalescing shop;
  shop.add("a");
  shop.add_keyed("a", "1");
  shop.add_keyed("a", "2");
  EXPECT_EQ(shop.fill(), "a a/1 a/2");
  shop.add("a");
  shop.add("b");
  packet other;
  shop.tested.fill(other, {}, shop.now);
  EXPECT_EQ(text_of(other), "b") << "two packets under way have no id in common";
  shop.tested.settle(shop.sent[0], {1, 1});
  shop.tested.fail(shop.sent[2], errc::store_full);
  shop.tested.settle(other[0], {1, 1});
  other.clear();
  shop.tested.fill(other, {}, shop.now);
  EXPECT_TRUE(other.empty());
  shop.tested.give_back(shop.sent[1]);
  shop.tested.fill(other, {}, shop.now);
  EXPECT_EQ(text_of(other), "a a/1");
  for (batch& each : other)
    shop.tested.settle(each, {1, 1});
}

// ---- what is given back

TEST(coalescer_packet, is_given_back_before_what_came_later) {
  coalescing shop;
  const fake_take& first = shop.add("a");
  shop.add("b");
  EXPECT_EQ(shop.fill(), "a b");
  const fake_take& last = shop.add("a");
  shop.add("c");
  shop.give_back();
  EXPECT_EQ(shop.tested.waiting_count(), 4U);
  EXPECT_EQ(shop.fill(), "c a*2 b");
  shop.tested.settle(shop.sent[1], {5, 2});
  EXPECT_EQ(first.range(), (turn_range{5, 1}));
  EXPECT_EQ(last.range(), (turn_range{6, 1}));
  shop.settle();
}

// By a store that has lost it since: its turns are nobody's, and "nothing happened" would be wrong.
TEST(coalescer_packet, is_told_that_its_outcome_is_unknown_if_it_may_have_been_executed_once) {
  coalescing shop;
  const fake_take& unlucky = shop.add("a");
  const fake_take& lucky = shop.add("b");
  EXPECT_EQ(shop.fill(), "a b");
  shop.tested.give_back(shop.sent[0], true);
  shop.tested.give_back(shop.sent[1]);
  shop.sent.clear();
  shop.tested.fail_waiting(errc::breaker_open);
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(lucky.error(), errc::breaker_open);
}

TEST(coalescer_packet, gets_its_turns_though_it_may_have_been_executed_once) {
  coalescing shop;
  const fake_take& patient = shop.add("a");
  EXPECT_EQ(shop.fill(), "a");
  shop.tested.give_back(shop.sent[0], true);
  shop.sent.clear();
  EXPECT_EQ(shop.fill(), "a");
  shop.tested.settle(shop.sent[0], {7, 1});
  EXPECT_EQ(patient.range(), (turn_range{7, 1}));
  shop.settle();
}

TEST(coalescer_packet, is_given_back_in_the_order_in_which_that_is_said) {
  const std::vector<std::size_t> orders[] = {{0, 1, 2}, {2, 0, 1}, {1, 2, 0}};
  const std::string_view expected[] = {"a a/1 a/2 a/3", "a a/2 a/1 a/3", "a a/1 a/2 a/3"};
  for (std::size_t i = 0; i < std::size(orders); ++i) {
    coalescing shop;
    shop.add("a");
    shop.add_keyed("a", "1");
    shop.add_keyed("a", "2");
    EXPECT_EQ(shop.fill(), "a a/1 a/2");
    shop.add_keyed("a", "3");
    for (const std::size_t index : orders[i])
      shop.tested.give_back(shop.sent[index]);
    EXPECT_EQ(shop.fill(), expected[i]);
    shop.settle();
  }
}

TEST(coalescer_packet, is_given_back_in_part) {
  coalescing shop;
  const fake_take& taken = shop.add("a");
  const fake_take& returned = shop.add_keyed("a", "1");
  const fake_take& failed = shop.add_keyed("a", "2");
  EXPECT_EQ(shop.fill(), "a a/1 a/2");
  shop.add_keyed("a", "0");
  shop.tested.give_back(shop.sent[1]);
  EXPECT_EQ(shop.tested.waiting_count(), 2U);
  shop.tested.settle(shop.sent[0], {1, 1});
  shop.tested.fail(shop.sent[2], errc::store_full);
  EXPECT_EQ(taken.range(), (turn_range{1, 1}));
  EXPECT_EQ(failed.error(), errc::store_full);
  EXPECT_EQ(returned.completions, 0);
  EXPECT_EQ(shop.fill(), "a/1 a/0");
  shop.settle();
}

TEST(coalescer_packet, may_end_after_its_coalescer) {
  std::deque<fake_take> takes;
  packet outlives;
  {
    coalescer tested{coalescing::wide, 1};
    takes.emplace_back("a").deadline = time_point{1s};
    takes.emplace_back("b").deadline = time_point{1s};
    for (fake_take& each : takes)
      EXPECT_TRUE(tested.enqueue(each));
    tested.fill(outlives, packet_limits{1}, {});
  }
  EXPECT_EQ(text_of(outlives), "a");
  EXPECT_FALSE(takes[1].is_linked());
}

}  // namespace
}  // namespace turnomatic
