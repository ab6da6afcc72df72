// Which ids a shard takes for new ones, and what is charged for them.
#include "unit/redis/shard_bench.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

constexpr token_rate off{.per_minute = 0, .burst = 1};

/// A shard that may create three ids at once, and one in twenty seconds.
struct limited : workshop {
  explicit limited(const new_id_limit::settings& how = {{.per_minute = 3, .burst = 3}, off})
      : new_ids{how, 7} {
    bench.connect();
  }

  [[nodiscard]] int left() {
    int count = 0;
    while (!new_ids.charge(0, now))
      ++count;
    for (int i = 0; i < count; ++i)
      new_ids.give_back(0);
    return count;
  }
  void create(std::initializer_list<const char*> ids) {
    for (const char* const id : ids)
      bench.ask(id);
    bench.exchange();
  }

  new_id_limit new_ids;
  store_guard guard{guard_settings()};
  shard_bench bench{*this, guard, {.new_ids = &new_ids}};
};

TEST(shard, refuses_new_ids_beyond_their_limit_without_a_word_to_the_store) {
  limited at;
  at.create({"a", "b", "c"});
  const request& refused = at.bench.ask("d");
  EXPECT_EQ(refused.error(), errc::too_many_new_ids);
  EXPECT_EQ(refused.retry_in, 20s);
  EXPECT_FALSE(at.bench.execute()) << "nothing was sent";
  EXPECT_EQ(at.store.turn("d"), 0U);
  at.now += 20s;
  const request& in_time = at.bench.ask("d");
  at.bench.exchange();
  EXPECT_EQ(in_time.range().first, 1U);
}

TEST(shard, refuses_new_ids_within_a_packet_and_sends_the_others) {
  limited at;
  at.create({"a"});
  at.bench.ask("a");
  for (const char* const id : {"b", "c", "d", "a", "e"})
    at.bench.ask(id);
  at.bench.exchange();
  int served = 0;
  for (const request& each : at.bench.requests) {
    if (each.error())
      EXPECT_EQ(each.error(), errc::too_many_new_ids);
    else
      ++served;
  }
  EXPECT_EQ(served, 5) << "a three times, b and c";
  EXPECT_EQ(at.bench.tested.under_way(), 0U);
}

TEST(shard, charges_nothing_for_ids_that_are_known) {
  limited at;
  at.create({"a", "b", "c"});
  for (std::uint64_t turn = 2; turn < 50; ++turn) {
    const request& known = at.bench.ask("b");
    at.bench.exchange();
    EXPECT_EQ(known.range().first, turn);
  }
}

TEST(shard, charges_one_new_id_for_all_who_wait_for_it) {
  limited at;
  for (int i = 0; i < 10; ++i)
    at.bench.ask("a");
  at.bench.exchange();
  EXPECT_EQ(at.left(), 2);
}

// An instance that was just started knows none.
TEST(shard, charges_nothing_for_an_id_that_the_store_turns_out_to_hold) {
  limited at;
  for (int i = 0; i < 20; ++i) {
    const std::string id = "old" + std::to_string(i);
    at.store.command({"HSET", "t:{0}:turns", id, "7"});
    const request& made = at.bench.ask(id);
    at.bench.exchange();
    EXPECT_EQ(made.range().first, 8U) << id;
  }
  EXPECT_EQ(at.left(), 3);
}

TEST(shard, charges_nothing_where_a_key_had_its_turn_already) {
  limited at;
  at.bench.ask_with_key("a", "k");
  at.bench.exchange();
  at.guard.marks.forget(*counter_id::from_text("a"));
  const request& again = at.bench.ask_with_key("a", "k");
  at.bench.exchange();
  EXPECT_EQ(again.range().first, 1U);
  EXPECT_EQ(at.left(), 2);
}

TEST(shard, charges_nothing_for_what_is_refused_or_not_executed) {
  limited at;
  at.store.command({"HSET", "t:{0}:turns", "end", std::to_string(turn_max)});
  at.bench.ask("end");
  at.bench.exchange();
  EXPECT_EQ(at.left(), 3);
  at.bench.ask("cut", 1, 100ms);
  at.bench.cut();
  at.pass(100ms);
  at.bench.connect();
  EXPECT_EQ(at.left(), 3);
  at.store.config.condition = memory_redis::condition::full;
  at.bench.ask("full");
  at.bench.exchange();
  EXPECT_EQ(at.left(), 3);
}

TEST(shard, refuses_only_the_client_that_has_used_up_its_share) {
  limited at{{off, {.per_minute = 1, .burst = 1}}};
  const auto ask = [&at](std::string_view id, std::uint64_t client) -> request& {
    request& made = at.bench.requests.emplace_back(at, id, 1, 1s);
    made.client = client;
    EXPECT_TRUE(at.bench.waiting.enqueue(made));
    return made;
  };
  request& first = ask("a", 1);
  request& greedy = ask("b", 1);
  request& modest = ask("b", 2);
  at.bench.tested.pump(at.now);
  at.bench.exchange();
  EXPECT_EQ(first.range().first, 1U);
  EXPECT_EQ(greedy.error(), errc::too_many_new_ids);
  EXPECT_EQ(modest.range().first, 1U);
}

}  // namespace
}  // namespace turnomatic::redis
