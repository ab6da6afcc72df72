// Nothing is handed out before enough replicas hold it.
#include "unit/redis/shard_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using connection_state = fake_connection::state;

/// A shard that counts on a primary whose one replica keeps up until it is told not to.
struct replicated : workshop {
  explicit replicated(breaker_settings breaker = {}) : breaker_{breaker} {
    store.config.replicas = 1;
    bench.connect();
  }
  static shard_bench::settings with(const breaker_settings& breaker) {
    shard_bench::settings made;
    made.tuning.replicas.replicas = 1;
    made.tuning.entry.refresh_interval = 1h;  // replies are to those commands that tests speak of
    made.breaker = breaker;
    return made;
  }
  void lag() { store.config.replicas_keep_up = false; }
  /// The next command is executed, and its reply delivered.
  void step() {
    ASSERT_TRUE(bench.execute());
    ASSERT_TRUE(bench.deliver());
  }
  /// A WAIT whose time is over.
  void miss() {
    now += 100ms;
    step();
  }

  breaker_settings breaker_;
  store_guard guard{guard_settings()};
  shard_bench bench{*this, guard, with(breaker_)};
};

TEST(replicas, hold_what_is_handed_out) {
  replicated shop;
  shop.lag();
  shop.store.keep_log();
  request& made = shop.bench.ask("a", 3);
  shop.step();
  EXPECT_EQ(shop.store.turn("a"), 3U);
  EXPECT_EQ(made.completions, 0) << "the primary has it, and nobody else";
  EXPECT_EQ(shop.guard.marks.size(), 0U);
  shop.store.replicate();
  shop.step();
  EXPECT_EQ(made.range(), (turn_range{1, 3}));
  EXPECT_THAT(shop.store.take_log().back(), EndsWith("WAIT 1 100"));
  EXPECT_EQ(shop.bench.events.packets, 1U);
  EXPECT_FALSE(shop.bench.tested.replicas().was_missed());
}

TEST(replicas, are_asked_in_the_same_write_and_after_each_packet) {
  replicated shop;
  shop.bench.ask("a");
  EXPECT_THAT(shop.bench.link.live.to_store, EndsWith("$4\r\nWAIT\r\n$1\r\n1\r\n$3\r\n100\r\n"));
  shop.bench.exchange();
  shop.store.keep_log();
  shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(), SizeIs(2));
}

TEST(replicas, are_not_asked_where_none_are_to_acknowledge) {
  counting shop;
  shop.store.keep_log();
  shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(), SizeIs(1));
}

TEST(replicas, are_asked_again_until_they_have_it) {
  replicated shop;
  shop.lag();
  request& made = shop.bench.ask("a", 1, 10s);
  shop.step();
  for (int i = 0; i < 3; ++i) {
    shop.miss();
    EXPECT_TRUE(shop.bench.tested.replicas().was_missed());
    EXPECT_EQ(made.completions, 0);
  }
  shop.store.replicate();
  shop.miss();
  EXPECT_EQ(made.range(), (turn_range{1, 1}));
  EXPECT_FALSE(shop.bench.tested.replicas().was_missed());
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(replicas, that_come_too_late_burn_the_turn_and_nobody_else_gets_it) {
  replicated shop;
  shop.lag();
  request& made = shop.bench.ask("a", 1, 300ms);
  shop.step();
  for (int i = 0; i < 4; ++i)
    shop.miss();
  shop.bench.tested.tick(shop.now);
  EXPECT_EQ(made.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.events.failures, (std::vector{store_failure::not_replicated}));
  shop.store.replicate();
  shop.step();
  EXPECT_EQ(shop.bench.burned(burn_reason::not_replicated), 1U);
  EXPECT_EQ(shop.bench.events.all_burned(), 1U);
  shop.store.config.replicas_keep_up = true;
  request& next = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(next.range(), (turn_range{2, 1}));
}

// Later than the grace the store may have been opened without us: the takeover says what holds.
TEST(replicas, that_come_after_the_grace_are_asked_on_another_connection) {
  replicated shop;
  shop.lag();
  request& made = shop.bench.ask("a", 1, 10s);
  shop.step();
  for (int i = 0; i < 11; ++i)
    shop.miss();
  shop.store.replicate();
  shop.miss();
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  EXPECT_THAT(shop.guard.notes.read().trouble, HasSubstr("too few replicas"));
  EXPECT_EQ(made.completions, 0);
  shop.store.config.replicas_keep_up = true;
  shop.bench.connect();
  EXPECT_EQ(made.range(), (turn_range{1, 1}));
}

// ---- a new connection

TEST(replicas, hold_what_a_takeover_has_found_before_it_is_handed_out) {
  replicated shop;
  shop.lag();
  request& made = shop.bench.ask("a", 1, 10s);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.open_connection();
  shop.step();
  EXPECT_EQ(made.completions, 0);
  EXPECT_FALSE(shop.bench.counts());
  shop.store.replicate();
  shop.step();
  EXPECT_EQ(made.range(), (turn_range{1, 1}));
  EXPECT_TRUE(shop.bench.counts());
}

// What a failover would take back: the lane would be thought to have lost something.
TEST(replicas, hold_the_record_of_a_lane_before_it_counts) {
  workshop shop;
  shop.store.config.replicas = 1;
  store_guard guard{shop.guard_settings()};
  shard_bench bench{shop, guard, replicated::with({})};
  bench.begin_to_connect();
  while (bench.link.now() == connection_state::open && !bench.tested.is_connected()) {
    if (!bench.execute())
      bench.deliver();
  }
  shop.store.config.replicas_keep_up = false;
  ASSERT_TRUE(bench.execute());
  ASSERT_TRUE(bench.deliver());
  EXPECT_FALSE(bench.counts());
  shop.store.replicate();
  ASSERT_TRUE(bench.execute());
  ASSERT_TRUE(bench.deliver());
  EXPECT_TRUE(bench.counts());
}

TEST(replicas, of_a_closed_store_are_not_waited_for) {
  replicated shop;
  shop.crash(shop.store.save());
  shop.bench.cut();
  shop.lag();
  shop.bench.open_connection();
  shop.step();
  EXPECT_EQ(shop.store.store_field("closed"), "1");
  EXPECT_TRUE(shop.guard.recovering_since() || shop.bench.tested.wake_at() > shop.now);
  EXPECT_FALSE(shop.bench.tested.replicas().was_missed());
}

// ---- what goes wrong

TEST(replicas, are_not_waited_for_after_a_refusal) {
  replicated shop;
  shop.lag();
  request& made = shop.bench.ask("a", 1, 10s);
  shop.store.config.condition = memory_redis::condition::busy;
  shop.step();
  shop.step();
  EXPECT_EQ(shop.bench.link.now(), connection_state::open) << "a busy server refuses WAIT, too";
  EXPECT_FALSE(shop.bench.tested.replicas().was_missed());
  shop.store.config.condition = memory_redis::condition::well;
  shop.store.config.replicas_keep_up = true;
  shop.go_on(100ms);
  EXPECT_EQ(made.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.bench.events.failures.size(), 0U);
}

TEST(replicas, that_cannot_be_asked_end_the_connection) {
  replicated shop;
  for (const std::string error :
       {"UNBLOCKED force unblock from blocking operation, instance state changed "
        "(master -> replica?)",
        "ERR WAIT cannot be used with replica instances"}) {
    shop.store.refuse("wait", error);
    request& made = shop.bench.ask("a", 1, 10s);
    shop.step();
    shop.step();
    EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
    EXPECT_EQ(made.completions, 0);
    shop.store.refuse("wait", "");
    shop.bench.connect();
    EXPECT_EQ(made.completions, 1);
  }
}

TEST(replicas, may_be_given_up_while_they_are_waited_for) {
  replicated shop;
  shop.lag();
  request& made = shop.bench.ask("a", 1, 10s);
  shop.step();
  shop.miss();
  shop.bench.tested.apply({.entry = {}, .replicas = {.replicas = 0}});
  shop.step();
  EXPECT_EQ(made.range(), (turn_range{1, 1}));
}

TEST(replicas, may_be_asked_for_while_a_packet_is_under_way) {
  counting shop;
  request& made = shop.bench.ask("a", 1, 10s);
  shop.bench.tested.apply(
      {.connection = {.set_up_timeout = 1s, .stall_timeout = 2s}, .replicas = {.replicas = 1}});
  shop.bench.exchange();
  EXPECT_EQ(made.range(), (turn_range{1, 1}));
}

TEST(replicas, are_not_waited_for_when_the_record_is_found_gone) {
  shard_bench::settings often = replicated::with({});
  often.tuning.entry.refresh_interval = 100ms;
  workshop shop;
  shop.store.config.replicas = 1;
  store_guard guard{shop.guard_settings()};
  shard_bench bench{shop, guard, often};
  bench.connect();
  shop.store.config.replicas_keep_up = false;
  request& made = bench.ask("a", 1, 10s);
  ASSERT_TRUE(bench.execute() && bench.deliver());
  shop.store.command({"DEL", shop.store.lane_records().at(0)});
  for (int i = 0; i < 8 && made.completions == 0; ++i) {
    shop.pass(100ms);
    ASSERT_TRUE(bench.execute() && bench.deliver());
  }
  EXPECT_EQ(made.error(), errc::outcome_unknown);
  EXPECT_FALSE(bench.tested.replicas().was_missed());
  shop.store.config.replicas_keep_up = true;
  shop.go_on(3s);
  EXPECT_TRUE(bench.counts());
  EXPECT_FALSE(bench.tested.replicas().was_missed());
}

// ---- the breaker

TEST(replicas, that_are_lacking_open_the_breaker_and_are_its_probe) {
  replicated shop{{.consecutive_failures = 1, .open_min = 100ms, .open_max = 100ms}};
  shop.lag();
  shop.bench.ask("a", 1, 150ms);
  shop.step();
  shop.miss();
  shop.miss();
  shop.bench.tested.tick(shop.now);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  EXPECT_EQ(shop.bench.ask("b").error(), errc::breaker_open);
  shop.store.keep_log();
  shop.now += 100ms;
  shop.bench.tested.tick(shop.now);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::half_open);
  shop.step();
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open) << "the WAIT has failed it";
  shop.now += 300ms;
  shop.bench.tested.tick(shop.now);
  shop.store.replicate();
  shop.step();
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  for (const std::string& said : shop.store.take_log())
    EXPECT_EQ(said, "WAIT 1 100") << "a PING would have queued up after it";
}

}  // namespace
}  // namespace turnomatic::redis
