// What a lane knows of its batches once their memos are dropped.
#include "unit/redis/lane_bench.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

// Other instances have counted, and memos had to give way.
void counted_by_others(model_store& store, std::uint64_t value, std::uint64_t dropped) {
  store.counter_of("a").value = value;
  store.counter_of("a").dropped = dropped;
}

TEST(lane, counts_where_the_memos_of_others_were_dropped) {
  counting shop;
  counted_by_others(shop.store, 50, 40);
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.deliver();
  EXPECT_EQ(patient.completions, 0) << "it had to be told where the counter stands";
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{51, 2}));
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(lane, stops_at_a_counter_that_was_moved_back_below_a_memo_that_was_dropped) {
  counting shop;
  counted_by_others(shop.store, 10, 40);
  const request& refused = shop.bench.ask("a");
  for (int i = 0; i < 100; ++i)
    shop.bench.execute() || shop.bench.deliver();
  EXPECT_EQ(refused.error(), errc::store_behind);
  EXPECT_EQ(shop.store.turns_taken(), 0U);
}

TEST(lane, counts_where_memos_are_dropped_again_and_again) {
  counting shop;
  counted_by_others(shop.store, 50, 40);
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.deliver();
  counted_by_others(shop.store, 70, 60);
  shop.bench.execute();
  shop.bench.deliver();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{71, 2}));
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(lane,
     takes_nothing_for_a_batch_that_nobody_waits_for_when_it_learns_where_the_counter_stands) {
  counting shop;
  counted_by_others(shop.store, 50, 40);
  const request& late = shop.bench.ask("a", 2, 100ms);
  shop.bench.execute();
  shop.pass(100ms);
  shop.bench.exchange();
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.store.turns_taken(), 0U);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(lane, does_not_know_the_outcome_of_a_batch_whose_memo_was_dropped) {
  counting shop;
  request& unlucky = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.cut();
  shop.store.counter_of("a").memos.clear();
  counted_by_others(shop.store, 50, 2);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U);
  EXPECT_EQ(shop.store.turns_taken(), 2U) << "not executed again";
}

TEST(lane, does_not_count_above_its_own_memo_that_was_dropped) {
  counting shop;
  shop.bench.ask("a", 2);
  shop.bench.exchange();
  shop.store.counter_of("a").memos.clear();
  counted_by_others(shop.store, 2, 2);
  request& next = shop.bench.ask("a");
  shop.bench.execute();
  shop.bench.deliver();
  EXPECT_EQ(next.range(), (turn_range{3, 1})) << "its fence says that it knows of that memo";
}

TEST(lane, shares_a_counter_with_more_lanes_than_there_are_memos) {
  workshop shop;
  std::deque<lane_bench> benches;
  for (int i = 0; i < 8; ++i)
    benches.emplace_back(shop, lane_bench::settings{.memos = 4}).connect();
  for (int rounds = 0; rounds < 5; ++rounds) {
    for (lane_bench& each : benches)
      each.ask("a");
    for (lane_bench& each : benches)
      each.exchange();
  }
  std::vector<bool> given(41, false);
  for (const lane_bench& each : benches) {
    EXPECT_EQ(each.events.all_burned(), 0U);
    for (const request& request : each.requests)
      given.at(request.range().first) = true;
  }
  EXPECT_EQ(std::count(given.begin() + 1, given.end(), true), 40);
  EXPECT_LE(shop.store.counter_of("a").memos.size(), 4U);
}

// It was sent twice, and the first may still be executed once an operator lets the counter go on.
TEST(lane, counts_what_may_yet_be_executed_when_its_counter_is_halted) {
  counting shop;
  shop.bench.ask("a", 2);
  shop.bench.exchange();
  request& unlucky = shop.bench.ask("a", 3);
  shop.bench.cut();
  shop.store.counter_of("a").halted = true;
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 3U);
  shop.store.resume("a");
  ASSERT_TRUE(shop.bench.ghost_executes());
  EXPECT_EQ(shop.store.turns_taken(), 5U);
}

// The documents promise that as many lanes as there are memos lose nothing.
TEST(lane, remembers_as_many_lanes_as_there_are_memos) {
  workshop shop;
  std::deque<lane_bench> benches;
  for (int i = 0; i < 4; ++i)
    benches.emplace_back(shop, lane_bench::settings{.memos = 4}).connect();
  const request& first = benches.front().ask("a");
  benches.front().execute();
  benches.front().cut();
  for (int rounds = 0; rounds < 3; ++rounds) {
    for (int i = 1; i < 4; ++i) {
      benches[static_cast<std::size_t>(i)].ask("a");
      benches[static_cast<std::size_t>(i)].exchange();
    }
  }
  benches.front().connect();
  benches.front().exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.store.turns_taken(), 10U);
}

// What stands for a take that must never be executed may be dropped like any other memo.
TEST(lane, has_a_ghost_do_nothing_though_what_held_it_was_dropped) {
  workshop shop;
  lane_bench bench{shop, {.memos = 1}};
  lane_bench other{shop, {.memos = 1}};
  bench.connect();
  other.connect();
  request& late = bench.ask("a", 3, 100ms);
  bench.cut();
  shop.pass(100ms);
  bench.connect();
  bench.exchange();
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  EXPECT_EQ(bench.events.all_burned(), 0U) << "it was not executed and never will be";
  other.ask("a");
  other.exchange();
  EXPECT_EQ(shop.store.counter_of("a").memos.count("lane1"), 0U);
  ASSERT_TRUE(bench.ghost_executes());
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

// Lanes whose takes were lost, each with a memo of its own that takes nothing: they come and go,
// and what is kept of them stays bounded. What no memo can be kept of counts as unknown.
TEST(lane, leaves_a_bounded_number_of_memos_where_takes_are_lost_again_and_again) {
  workshop shop;
  std::deque<lane_bench> benches;
  std::uint64_t unknown = 0;
  for (int i = 0; i < 12; ++i) {
    lane_bench& bench = benches.emplace_back(shop, lane_bench::settings{.memos = 4});
    bench.connect();
    bench.ask("a", 3, 100ms);
    bench.cut();
    shop.pass(100ms);
    bench.connect();
    bench.exchange();
    unknown += bench.burned(burn_reason::outcome_unknown);
    EXPECT_EQ(bench.burned(burn_reason::deadline), 0U);
  }
  EXPECT_LE(shop.store.counter_of("a").memos.size(), 8U);
  EXPECT_GT(unknown, 0U);
  lane_bench next{shop, {.memos = 4}};
  next.connect();
  const request& served = next.ask("a");
  next.exchange();
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
  EXPECT_LE(shop.store.counter_of("a").memos.size(), 4U) << "a take makes room";
}

}  // namespace
}  // namespace turnomatic::redis
