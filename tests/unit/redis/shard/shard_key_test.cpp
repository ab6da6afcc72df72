// Takes under a client's key: a repeat gets the turns of the first, whatever becomes of
// connections.
#include "unit/redis/shard_bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct two_shards : workshop {
  two_shards() {
    bench.connect();
    other.connect();
  }
  request& take(shard_bench& from, std::string_view id, std::string_view key) {
    request& made = from.ask_with_key(id, key);
    from.exchange();
    return made;
  }
  /// Of key k of id a.
  [[nodiscard]] std::string key_record() const {
    return "t:{0}:key:" + store.store_field("token") + ":a:k";
  }

  store_guard guard{guard_settings()};
  shard_bench bench{*this, guard};
  shard_bench other{*this, guard};
};

TEST(shard, gives_a_repeat_the_turns_of_the_first_on_any_lane) {
  two_shards shop;
  const request& first = shop.take(shop.bench, "a", "k");
  shop.bench.ask("a");
  shop.bench.exchange();
  const request& repeat = shop.take(shop.other, "a", "k");
  EXPECT_EQ(first.range(), (turn_range{1, 1}));
  EXPECT_EQ(repeat.range(), (turn_range{1, 1, true}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
  EXPECT_EQ(shop.store.life_span_ms(shop.key_record()), 60'000);
}

// They used to go one a round trip.
TEST(shard, sends_takes_under_different_keys_in_one_packet) {
  two_shards shop;
  shop.bench.ask("first");
  const request& plain = shop.bench.ask("a");
  const request& one = shop.bench.ask_with_key("a", "k1");
  const request& two = shop.bench.ask_with_key("a", "k2");
  const request& three = shop.bench.ask_with_key("b", "k1");
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.events.packets, 2U);
  std::vector<std::uint64_t> turns{plain.range().first, one.range().first, two.range().first};
  std::ranges::sort(turns);
  EXPECT_THAT(turns, ElementsAre(1U, 2U, 3U));
  EXPECT_EQ(three.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.take(shop.other, "a", "k2").range().first, two.range().first);
}

TEST(shard, sends_two_takes_under_the_same_key_one_after_the_other) {
  two_shards shop;
  shop.bench.ask("first");
  const request& one = shop.bench.ask_with_key("a", "k");
  const request& repeat = shop.bench.ask_with_key("a", "k");
  shop.bench.exchange();
  EXPECT_EQ(one.range(), (turn_range{1, 1}));
  EXPECT_EQ(repeat.range(), (turn_range{1, 1, true}));
  EXPECT_EQ(shop.bench.events.packets, 3U);
}

TEST(shard, gets_the_turns_under_a_key_whose_answer_was_lost) {
  two_shards shop;
  const request& first = shop.bench.ask_with_key("a", "k");
  shop.bench.execute();
  shop.bench.cut();
  shop.store.expire_key(shop.key_record());
  const request& second = shop.take(shop.other, "a", "k");
  shop.bench.connect();
  EXPECT_EQ(first.range(), (turn_range{1, 1})) << "what itself has taken";
  EXPECT_EQ(second.range(), (turn_range{2, 1}));
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

// The repeat found the turns of the first and took none; nothing of that may be lost.
TEST(shard, gets_what_a_repeat_has_found_though_the_key_has_ended_since) {
  two_shards shop;
  shop.take(shop.other, "a", "k");
  const request& repeat = shop.bench.ask_with_key("a", "k");
  shop.bench.execute();
  shop.bench.cut();
  shop.store.expire_key(shop.key_record());
  shop.bench.connect();
  EXPECT_EQ(repeat.range(), (turn_range{1, 1, true}));
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

TEST(shard, has_a_ghost_under_a_key_take_nothing) {
  two_shards shop;
  shop.bench.ask_with_key("a", "k", 100ms);
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  ASSERT_TRUE(shop.bench.ghost_executes());
  EXPECT_EQ(shop.store.turns_taken(), 0U);
}

// Its turn was handed out to the first; the repeat burns nothing, however late its answer is.
TEST(shard, counts_nothing_for_a_repeat_that_nobody_waits_for) {
  two_shards shop;
  shop.take(shop.other, "a", "k");
  const request& late = shop.bench.ask_with_key("a", "k", 100ms);
  shop.pass(100ms);
  shop.bench.exchange();
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(shard, counts_what_was_taken_under_a_key_for_nobody) {
  two_shards shop;
  const request& late = shop.bench.ask_with_key("a", "k", 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 1U);
  EXPECT_EQ(shop.take(shop.bench, "a", "k").range(), (turn_range{1, 1, true}))
      << "a repeat gets it all the same";
}

TEST(shard, does_not_take_a_repeat_for_a_sign_that_a_counter_goes_on) {
  two_shards shop;
  (void)shop.guard.halted.add({"a", 1, 2});
  shop.take(shop.bench, "a", "k");
  EXPECT_TRUE(shop.guard.halted.empty()) << "an operator has resumed it elsewhere";
  (void)shop.guard.halted.add({"a", 1, 2});
  shop.take(shop.other, "a", "k");
  EXPECT_FALSE(shop.guard.halted.empty()) << "that took nothing";
}

TEST(shard, fails_alone_what_has_a_spoilt_key_record) {
  two_shards shop;
  shop.store.command({"HSET", shop.key_record(), "no", "text"});
  shop.bench.ask("first");
  const request& spoilt = shop.bench.ask_with_key("a", "k");
  const request& sound = shop.bench.ask_with_key("a", "l");
  shop.bench.exchange();
  EXPECT_EQ(spoilt.error(), errc::unavailable);
  EXPECT_EQ(sound.range(), (turn_range{1, 1}));
  EXPECT_THAT(shop.bench.events.words(), HasSubstr("WRONGTYPE"));
}

}  // namespace
}  // namespace turnomatic::redis
