// What a shard does when its store refuses.
#include "unit/redis/shard_bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using condition = memory_redis::condition;
using connection_state = fake_connection::state;

// ---- scripts that are gone

TEST(shard, connects_anew_and_loads_its_scripts_when_the_store_has_forgotten_them) {
  counting shop;
  shop.store.forget_scripts();
  request& patient = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  EXPECT_THAT(shop.bench.events.words(), HasSubstr("NOSCRIPT"));
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(shard, does_not_hurry_where_scripts_cannot_be_loaded) {
  counting shop;
  request& patient = shop.bench.ask("a", 1, 10s);
  shop.store.forget_scripts();
  shop.store.refuse("script", "OOM command not allowed when used memory > 'maxmemory'.");
  const int before = shop.bench.link.openings;
  const auto go_on = [&shop](duration time) {
    for (const time_point end = shop.now + time; shop.now < end;) {
      if (shop.bench.link.now() == connection_state::opening)
        shop.bench.accept();
      shop.bench.exchange();
      shop.pass(10ms);
    }
  };
  go_on(2s);
  EXPECT_GT(shop.bench.link.openings, before);
  EXPECT_LT(shop.bench.link.openings, before + 12);
  shop.store.refuse("script", "");
  go_on(3s);
  EXPECT_EQ(patient.completions, 1);
  EXPECT_EQ(shop.bench.ask("b").completions, 0);
  go_on(100ms);
  EXPECT_EQ(shop.bench.requests.back().range(), (turn_range{1, 1}));
}

// ---- later

class refused_for_now : public ::testing::TestWithParam<condition> {};

TEST_P(refused_for_now, goes_on_when_the_store_does) {
  counting shop;
  shop.store.config.condition = GetParam();
  request& patient = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(patient.completions, 0);
  const std::uint64_t refused = shop.store.commands_executed();
  shop.pass(19ms);
  shop.bench.exchange();
  EXPECT_EQ(shop.store.commands_executed(), refused) << "it pauses";
  shop.store.config.condition = condition::well;
  shop.pass(1ms);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_THAT(shop.bench.events.failures, IsEmpty()) << "it was a moment";
}

TEST_P(refused_for_now, lets_requests_go_at_their_deadline) {
  counting shop;
  shop.store.config.condition = GetParam();
  request& late = shop.bench.ask("a", 1, 50ms);
  for (int i = 0; i < 10; ++i) {
    shop.bench.exchange();
    shop.pass(10ms);
  }
  EXPECT_EQ(late.error(), errc::deadline_passed) << "certainly not executed";
  EXPECT_EQ(shop.store.turns_taken(), 0U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

TEST_P(refused_for_now, finds_out_in_the_end_what_became_of_a_packet) {
  counting shop;
  request& patient = shop.bench.ask("a", 2, 10s);
  shop.bench.execute();
  shop.bench.cut();
  shop.store.config.condition = GetParam();
  for (int i = 0; i < 10; ++i) {
    if (shop.bench.link.now() == connection_state::opening)
      shop.bench.accept();
    shop.bench.exchange();
    shop.pass(10ms);
  }
  EXPECT_EQ(patient.completions, 0);
  shop.store.config.condition = condition::well;
  shop.bench.connect();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

INSTANTIATE_TEST_SUITE_P(shard, refused_for_now,
                         ::testing::Values(condition::loading, condition::busy,
                                           condition::disk_failing));

// The next look at the pause used to lie in the past for as long as there was no connection.
TEST(shard, sleeps_while_it_has_no_connection_though_it_was_refused_before) {
  counting shop;
  shop.store.config.condition = condition::busy;
  shop.bench.ask("a");
  shop.bench.exchange();
  shop.bench.cut();
  shop.pass(1s);
  EXPECT_GT(shop.bench.tested.wake_at(), shop.now);
}

TEST(shard, puts_its_refresh_off_where_the_store_has_no_time) {
  counting shop;
  shop.store.config.condition = condition::busy;
  shop.pass(1s);
  shop.bench.exchange();
  shop.pass(100ms);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.link.openings, 1);
  EXPECT_THAT(shop.bench.events.failures, IsEmpty());
}

// ---- a replica

// Another server may be the primary now, so the name is looked up again.
TEST(shard, leaves_a_server_that_has_become_a_replica) {
  counting shop;
  shop.store.config.condition = condition::read_only;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  EXPECT_THAT(shop.bench.events.failures, Contains(store_failure::refused));
  EXPECT_THAT(shop.bench.events.detail(store_event::connection_lost), HasSubstr("READONLY"));
  shop.store.config.condition = condition::well;
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
}

// ---- a full store

TEST(shard, tells_that_the_store_is_full) {
  counting shop;
  shop.store.config.condition = condition::full;
  for (int i = 0; i < 20; ++i) {
    request& refused = shop.bench.ask("a");
    shop.bench.exchange();
    EXPECT_EQ(refused.error(), errc::store_full);
  }
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  EXPECT_THAT(shop.bench.events.failures, IsEmpty()) << "it answers, and at once";
}

// A batch of unknown outcome used to block its id, and its callers got deadline-passed.
TEST(shard, tells_that_the_store_is_full_when_a_packet_was_under_way_as_its_connection_was_lost) {
  for (const bool executed : {true, false}) {
    counting shop;
    request& first = shop.bench.ask("a", 3);
    if (executed)
      shop.bench.execute();
    shop.bench.cut();
    shop.store.config.condition = condition::full;
    shop.bench.connect();
    shop.bench.exchange();
    if (executed)
      EXPECT_EQ(first.range(), (turn_range{1, 3}));
    else
      EXPECT_EQ(first.error(), errc::store_full);
    request& second = shop.bench.ask("a");
    shop.bench.exchange();
    EXPECT_EQ(second.error(), errc::store_full) << "its id is not blocked";
    EXPECT_EQ(shop.bench.events.all_burned(), 0U);
  }
}

TEST(shard, keeps_its_lane_on_a_store_that_is_full) {
  counting shop;
  shop.store.config.condition = condition::full;
  shop.pass(1s);
  shop.bench.exchange();
  EXPECT_TRUE(shop.bench.counts()) << "a refresh needs no memory";
  EXPECT_EQ(shop.bench.link.openings, 1);
}

// ---- for good

struct kind_row {
  const char* error;
  store_refusal kind;
};

class refusal_kind : public testing::TestWithParam<kind_row> {};

TEST_P(refusal_kind, is_told_once_with_the_words_of_the_store) {
  counting shop;
  shop.store.refuse("evalsha", GetParam().error);
  shop.bench.ask("a");
  shop.bench.execute();
  shop.bench.deliver();
  if (GetParam().kind == store_refusal::other)
    EXPECT_EQ(shop.bench.link.now(), connection_state::closed) << "it may have been executed";
  else
    EXPECT_THAT(shop.bench.events.refusals, ElementsAre(Pair(GetParam().kind, GetParam().error)));
}

INSTANTIATE_TEST_SUITE_P(
    shard, refusal_kind,
    testing::Values(
        kind_row{"OOM command not allowed when used memory > 'maxmemory'.", store_refusal::full},
        kind_row{"MISCONF Redis is configured to save RDB snapshots", store_refusal::misconf},
        kind_row{"BUSY Redis is busy running a script", store_refusal::busy},
        kind_row{"NOREPLICAS Not enough good replicas to write.", store_refusal::noreplicas},
        kind_row{"READONLY You can't write against a read only replica.", store_refusal::readonly},
        kind_row{"CLUSTERDOWN The cluster is down", store_refusal::clusterdown},
        kind_row{"NOPERM this user has no permissions", store_refusal::noperm},
        kind_row{"ERR something else", store_refusal::other}));

TEST(shard, fails_at_once_what_only_an_operator_can_help) {
  counting shop;
  shop.store.forbid("evalsha");
  request& refused = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(refused.error(), errc::unavailable);
  EXPECT_THAT(shop.bench.events.words(), HasSubstr("NOPERM"));
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::refused));
}

// A proxy between us and Redis may have sent the command on before it gave up.
TEST(shard, does_not_take_the_error_of_a_proxy_for_a_refusal) {
  counting shop;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.last_reply() = "-upstream failure\r\n";
  shop.bench.deliver();
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  shop.bench.connect();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

TEST(shard, tells_of_a_refusal_in_few_words) {
  counting shop;
  shop.store.refuse("evalsha", "NOPERM " + std::string(10'000, 'x'));
  shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.events.words().size(), 200U);
}

// ---- one id among others

TEST(shard, fails_alone_what_cannot_be_written_within_a_packet) {
  counting shop;
  shop.store.command({"SET", "t:{0}:turns", "no hash"});
  request& refused = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(refused.error(), errc::unavailable);
  EXPECT_THAT(shop.bench.events.words(), HasSubstr("WRONGTYPE"));
  EXPECT_EQ(shop.bench.link.openings, 1);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

// ---- a refresh on the way

TEST(shard, goes_on_when_a_packet_is_refused_while_a_refresh_is_under_way) {
  counting shop;
  shop.pass(1s);  // the refresh leaves
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.store.config.condition = condition::busy;
  shop.bench.execute();
  shop.store.config.condition = condition::well;
  shop.bench.exchange();
  EXPECT_TRUE(shop.bench.counts());
  shop.pass(20ms);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.bench.link.openings, 1);
}

TEST(shard, enters_anew_when_a_packet_finds_no_record_while_a_refresh_is_under_way) {
  counting shop;
  shop.bench.ask("a", 2);
  shop.pass(999ms);
  shop.store.command({"DEL", shop.store.lane_records().at(0)});
  request& next = shop.bench.ask("b", 1, 10s);
  shop.pass(1ms);  // the refresh leaves after the packet
  shop.bench.exchange();
  shop.go_on(1100ms);
  EXPECT_EQ(next.range(), (turn_range{1, 1}));
  EXPECT_TRUE(shop.bench.counts());
  EXPECT_EQ(shop.bench.events.times(store_event::lost), 1U);
  EXPECT_EQ(shop.bench.link.openings, 1);
  shop.pass(1s);
  EXPECT_TRUE(shop.bench.execute()) << "and refreshes the new record in time";
}

TEST(shard, says_nothing_on_a_connection_that_ended_with_the_answer_to_a_refresh) {
  counting shop;
  (void)shop.guard.halted.add({"a", 1, 2});  // so a look is due after the refresh
  shop.pass(1s);
  shop.bench.execute();
  shop.bench.deliver_bytes(std::exchange(shop.bench.last_reply(), {}) + "-what was that?\r\n");
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  shop.bench.link.live.to_shard.clear();
  shop.bench.connect();
  request& served = shop.bench.ask("b");
  shop.bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
}

}  // namespace
}  // namespace turnomatic::redis
