// Requests with a key: a repeat gets the turns of the first, whatever becomes of connections.
#include "unit/redis/lane_bench.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

struct two_lanes : workshop {
  explicit two_lanes(redis_guarantee guarantee = redis_guarantee::exact)
      : bench{*this, {.tuning = {.guarantee = guarantee}}}, other{*this} {
    bench.connect();
    other.connect();
  }

  lane_bench bench;
  lane_bench other;
};

TEST(lane_once, gets_the_turn_of_the_first_request_on_any_lane) {
  two_lanes shop;
  const request& first = shop.bench.ask_once("a", "k");
  shop.bench.exchange();
  shop.bench.ask("a");
  shop.bench.exchange();
  const request& repeat = shop.other.ask_once("a", "k");
  shop.other.exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 1}));
  EXPECT_EQ(repeat.range(), (turn_range{1, 1, true}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

TEST(lane_once, survives_a_lost_reply) {
  two_lanes shop;
  const request& first = shop.bench.ask_once("a", "k");
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

TEST(lane_once, survives_a_lost_reply_also_where_others_are_fast) {
  two_lanes shop{redis_guarantee::fast};
  const request& first = shop.bench.ask_once("a", "k");
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

// The repeat found the turn of the first and took none. When its key has ended before it is asked
// again, that holds still: only a new sequence takes.
TEST(lane_once, takes_anew_when_the_key_has_ended_before_the_reply_came) {
  two_lanes shop;
  shop.other.ask_once("a", "k");
  shop.other.exchange();
  const request& repeat = shop.bench.ask_once("a", "k");
  shop.bench.execute();
  shop.bench.cut();
  shop.store.end_key("a", "k");
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(repeat.range(), (turn_range{2, 1}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

// Its turn was handed out to the first; the repeat burns nothing, however late its answer is.
TEST(lane_once, counts_nothing_for_a_repeat_that_nobody_waits_for) {
  two_lanes shop;
  shop.other.ask_once("a", "k");
  shop.other.exchange();
  const request& late = shop.bench.ask_once("a", "k", 100ms);
  shop.pass(100ms);
  shop.bench.exchange();
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(lane_once, tells_that_a_counter_counts_again) {
  two_lanes shop;
  (void)shop.guard.note_behind({"a", 1, 2});
  shop.bench.ask_once("a", "k");
  shop.bench.exchange();
  EXPECT_FALSE(shop.guard.any_behind()) << "an operator has resumed it elsewhere";
  (void)shop.guard.note_behind({"a", 1, 2});
  shop.other.ask_once("a", "k");
  shop.other.exchange();
  EXPECT_TRUE(shop.guard.any_behind()) << "that took nothing";
}

TEST(lane_once, leaves_nothing_at_the_counter_when_it_finds_what_was_taken) {
  two_lanes shop;
  shop.other.ask_once("a", "k");
  shop.other.exchange();
  shop.bench.ask_once("a", "k");
  shop.bench.exchange();
  EXPECT_EQ(shop.store.counter_of("a").memos.size(), 1U) << "the one who took";
}

// Taken under a key that has ended, and by somebody else under the same key since: the batch that
// is sent again is told what itself has taken, or that turn would be in no account.
TEST(lane_once, gets_its_own_turn_though_its_key_has_another) {
  two_lanes shop;
  const request& first = shop.bench.ask_once("a", "k");
  shop.bench.execute();
  shop.bench.cut();
  shop.store.end_key("a", "k");
  const request& second = shop.other.ask_once("a", "k");
  shop.other.exchange();
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 1}));
  EXPECT_EQ(second.range(), (turn_range{2, 1}));
}

TEST(lane_once, has_a_ghost_of_a_repeat_take_nothing_when_the_key_has_ended) {
  two_lanes shop;
  shop.other.ask_once("a", "k");
  shop.other.exchange();
  shop.bench.ask_once("a", "k", 100ms);
  shop.bench.cut();
  shop.bench.connect();
  shop.bench.exchange();
  shop.store.end_key("a", "k");
  ASSERT_TRUE(shop.bench.ghost_executes());
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

TEST(lane_once, counts_what_was_taken_for_nobody) {
  two_lanes shop;
  const request& late = shop.bench.ask_once("a", "k", 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 1U);
  const request& repeat = shop.bench.ask_once("a", "k");
  shop.bench.exchange();
  EXPECT_EQ(repeat.range(), (turn_range{1, 1, true})) << "who asks again gets it all the same";
}

}  // namespace
}  // namespace turnomatic::redis
