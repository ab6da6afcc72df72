// What a shard sends and refuses when its breaker opens.
#include "unit/redis/shard_bench.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using condition = memory_redis::condition;
using connection_state = fake_connection::state;

struct new_shard : workshop {
  // Refuses connections until the breaker has heard of it five times.
  void refuse_five() {
    for (int i = 0; i < 5; ++i) {
      while (bench.link.now() == connection_state::closed)
        pass_to(std::max(now, bench.tested.wake_at()));
      bench.refuse();
    }
  }

  store_guard guard{guard_settings()};
  shard_bench bench{*this, guard};
};

/// A shard that counts, with a breaker that was opened by refusals on a connection that stands.
struct open_breaker : workshop {
  open_breaker() {
    bench.connect();
    store.refuse("evalsha", "MISCONF Redis is configured to save RDB snapshots");
    bench.ask("refused", 1, 10s);
    bench.exchange();
    for (int i = 0; i < 8; ++i) {
      pass(std::min<duration>(20ms * (1 << i), 500ms));
      bench.exchange();
    }
    EXPECT_EQ(bench.breaker.state(), breaker_state::open);
    EXPECT_EQ(bench.link.openings, 1);
    store.refuse("evalsha", "");
  }
  void pass_to_probe() { pass_to(bench.breaker.wake_at().value()); }

  store_guard guard{guard_settings()};
  shard_bench bench{*this,
                    guard,
                    {.tuning = {.connection = {.set_up_timeout = 1s, .stall_timeout = 2s},
                                .entry = {.refresh_interval = 1h}}}};
};

// ---- what opens it

TEST(shard, opens_the_breaker_when_five_connections_were_refused) {
  new_shard shop;
  request& waits = shop.bench.ask("a", 1, 10s);
  shop.refuse_five();
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  EXPECT_EQ(waits.error(), errc::breaker_open) << "those who wait are told";
  EXPECT_EQ(shop.bench.ask("a").error(), errc::breaker_open);
  EXPECT_THAT(shop.bench.events.failures, Each(store_failure::connect));
}

// Five ids that waited used to be five failures, and all that could have waited was refused.
TEST(shard, takes_one_short_refusal_of_many_ids_for_no_failure) {
  counting shop;
  shop.bench.ask("first");
  for (int i = 0; i < 5; ++i)
    shop.bench.ask("id" + std::to_string(i));
  shop.bench.execute();
  shop.bench.deliver();
  ASSERT_EQ(shop.bench.tested.under_way(), 5U);
  shop.store.config.condition = condition::busy;
  shop.bench.exchange();
  EXPECT_THAT(shop.bench.events.failures, IsEmpty());
  shop.store.config.condition = condition::well;
  shop.pass(20ms);
  shop.bench.exchange();
  for (const request& each : shop.bench.requests)
    EXPECT_EQ(each.range(), (turn_range{1, 1})) << each.id->text();
}

TEST(shard, opens_the_breaker_when_it_is_refused_for_longer) {
  open_breaker shop;
  EXPECT_EQ(shop.bench.requests.front().error(), errc::breaker_open);
  EXPECT_EQ(shop.bench.events.failures.size(), 5U);
  EXPECT_EQ(shop.store.turns_taken(), 0U);
}

TEST(shard, does_not_open_the_breaker_for_one_spoilt_counter) {
  counting shop;
  shop.store.command({"HSET", "t:{0}:turns", "a", "no turn"});
  for (int i = 0; i < 20; ++i) {
    request& spoilt = shop.bench.ask("a");
    request& sound = shop.bench.ask("b");
    shop.bench.exchange();
    EXPECT_EQ(spoilt.error(), errc::unavailable);
    EXPECT_EQ(sound.range().count, 1U);
  }
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  EXPECT_THAT(shop.bench.events.failures, IsEmpty());
  EXPECT_THAT(shop.bench.events.words(), ::testing::HasSubstr("set the counter, by force"));
}

TEST(shard, refuses_what_waits_when_slow_answers_open_the_breaker) {
  workshop shop;
  store_guard guard{shop.guard_settings()};
  shard_bench bench{shop, guard, {.breaker = {.minimum_calls = 1, .slow_call = 100ms}}};
  bench.connect();
  const request& slow = bench.ask("a");
  const request& waiting = bench.ask("a");
  shop.pass(100ms);
  bench.exchange();
  EXPECT_EQ(slow.range(), (turn_range{1, 1}));
  EXPECT_EQ(bench.breaker.state(), breaker_state::open);
  EXPECT_EQ(waiting.error(), errc::breaker_open);
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

// ---- connections, in every mode

TEST(shard, goes_on_connecting_while_the_breaker_is_open) {
  new_shard shop;
  shop.refuse_five();
  const int openings = shop.bench.link.openings;
  shop.pass(500ms);
  EXPECT_EQ(shop.bench.link.openings, openings + 1);
  EXPECT_EQ(shop.bench.link.now(), connection_state::opening);
}

TEST(shard, closes_the_breaker_when_a_connection_is_set_up_for_a_probe) {
  new_shard shop;
  shop.refuse_five();
  shop.pass_to(shop.bench.breaker.wake_at().value());
  ASSERT_EQ(shop.bench.breaker.state(), breaker_state::half_open);
  ASSERT_EQ(shop.bench.link.now(), connection_state::opening);
  shop.bench.accept();
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::half_open) << "a socket is not enough";
  shop.bench.connect();
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  request& served = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
}

TEST(shard, keeps_the_account_of_a_packet_while_the_breaker_is_open) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  for (int i = 0; i < 4; ++i) {
    while (shop.bench.link.now() == connection_state::closed)
      shop.pass_to(shop.bench.tested.wake_at());
    shop.bench.refuse();
  }
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  shop.bench.connect();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline) + shop.bench.requests.front().range().count,
            3U);
}

/// The server answers an operator.
bool serves_operators(shard_bench& bench) {
  std::string ping;
  append_command(ping, std::array<std::string_view, 1>{"PING"});
  bool answered = false;
  const bool sent = bench.tested.query(
      ping, 1, [&answered](const reply* answer) { answered = answer != nullptr; }, bench.shop.now);
  bench.exchange();
  return sent && answered;
}

// It used to stay away for ever, so operators were refused and a drain waited in vain.
TEST(shard, connects_again_after_a_cut_while_the_breaker_is_forced_open) {
  counting shop;
  EXPECT_TRUE(shop.bench.breaker.set_mode(breaker_mode::forced_open, shop.now));
  shop.bench.cut();
  shop.bench.connect();
  EXPECT_TRUE(serves_operators(shop.bench));
  EXPECT_EQ(shop.bench.ask("a").error(), errc::breaker_open);
  EXPECT_EQ(shop.store.turns_taken(), 0U);
}

TEST(shard, finds_out_what_became_of_takes_while_the_breaker_is_forced_open) {
  counting shop;
  const request& late = shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  EXPECT_TRUE(shop.bench.breaker.set_mode(breaker_mode::forced_open, shop.now));
  shop.bench.cut();
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  shop.bench.connect();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

TEST(shard, refuses_what_waits_when_an_operator_opens_the_breaker) {
  counting shop;
  const request& under_way = shop.bench.ask("a");
  const request& waiting = shop.bench.ask("a");
  EXPECT_TRUE(shop.bench.breaker.set_mode(breaker_mode::forced_open, shop.now));
  shop.bench.tested.pump(shop.now);
  shop.bench.exchange();
  EXPECT_EQ(under_way.range(), (turn_range{1, 1})) << "it had been sent";
  EXPECT_EQ(waiting.error(), errc::breaker_open);
  EXPECT_TRUE(shop.bench.breaker.set_mode(breaker_mode::automatic, shop.now));
  const request& served = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{2, 1}));
}

// ---- probes

TEST(shard, probes_a_standing_connection_with_a_ping) {
  open_breaker shop;
  shop.store.keep_log();
  shop.pass_to_probe();
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(), ElementsAre("PING")) << "it takes no turn";
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
}

TEST(shard, reports_each_transition_of_the_breaker) {
  using enum breaker_state;
  open_breaker shop;
  shop.pass_to_probe();
  shop.pass(300ms);  // the deadline of the probe
  shop.bench.connect();
  for (int i = 0; i < 100 && shop.bench.breaker.state() != closed; ++i) {
    shop.pass(10ms);
    shop.bench.exchange();
  }
  EXPECT_THAT(shop.bench.events.transitions,
              ElementsAre(Pair(closed, open), Pair(open, half_open), Pair(half_open, open),
                          Pair(open, half_open), Pair(half_open, closed)));
}

TEST(shard, opens_again_when_a_probe_is_refused) {
  open_breaker shop;
  shop.store.config.condition = condition::loading;
  shop.pass_to_probe();
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
}

// A host that vanished without a word used to cost 2 s: probes went out on the dead connection.
TEST(shard, ends_a_connection_on_which_a_probe_is_not_answered) {
  open_breaker shop;
  shop.pass_to_probe();
  shop.pass(299ms);
  EXPECT_EQ(shop.bench.link.openings, 1);
  EXPECT_EQ(shop.bench.link.now(), connection_state::open);
  shop.pass(1ms);
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  shop.bench.connect();
  for (int i = 0; i < 100 && shop.bench.breaker.state() != breaker_state::closed; ++i) {
    shop.pass(10ms);
    shop.bench.exchange();
  }
  request& served = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
}

TEST(shard, sends_no_take_while_the_breaker_is_open) {
  open_breaker shop;
  shop.store.config.condition = condition::loading;
  shop.store.keep_log();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(shop.bench.ask("a").error(), errc::breaker_open);
    shop.bench.exchange();
    shop.pass(10ms);
  }
  EXPECT_THAT(shop.store.take_log(), AllOf(Not(IsEmpty()), Each("PING")));
}

}  // namespace
}  // namespace turnomatic::redis
