// What a shard says to a server before its lane enters.
#include "unit/redis/shard_bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using connection_state = fake_connection::state;

struct instance : workshop {
  instance() = default;
  explicit instance(const shard_bench::settings& how, std::string pinned = {})
      : guard{guard_settings(std::move(pinned))}, bench{*this, guard, how} {}

  store_guard guard{guard_settings()};
  shard_bench bench{*this, guard};
};

TEST(shard, says_in_one_write_what_depends_on_no_answer) {
  instance shop;
  shop.store.keep_log();
  shop.pass(0ms);
  shop.bench.accept();
  while (shop.bench.execute()) {
  }
  std::vector<std::string> said = shop.store.take_log();
  const auto loads = std::ranges::count(said, "SCRIPT LOAD ...");
  EXPECT_EQ(static_cast<std::size_t>(loads), all_scripts().size());
  std::erase(said, "SCRIPT LOAD ...");
  EXPECT_THAT(said,
              ElementsAre("CLIENT SETNAME bench", "INFO server", "INFO replication", "INFO memory",
                          "INFO persistence", "INFO cluster", "CONFIG GET *appendfsync*",
                          "EXISTS t:genesis", "HMGET t:{0}:store format id buckets state was"));
}

TEST(shard, founds_a_store_where_there_is_none_and_enters_it) {
  instance shop;
  shop.bench.connect();
  EXPECT_EQ(shop.store.store_field("state"), "ready");
  EXPECT_EQ(shop.store.store_field("id"), shop.guard.store_id());
  EXPECT_EQ(shop.bench.events.detail(store_event::founded), shop.guard.store_id());
  EXPECT_EQ(shop.bench.events.times(store_event::connected), 1U);
  EXPECT_EQ(shop.bench.link.approvals, 1);
  EXPECT_TRUE(shop.guard.is_known());
}

TEST(shard, enters_a_store_that_was_founded_by_another) {
  counting first;
  instance shop;
  shop.store = first.store;
  shop.bench.connect();
  EXPECT_EQ(shop.guard.store_id(), first.guard.store_id());
  EXPECT_EQ(shop.bench.events.times(store_event::founded), 0U);
}

TEST(shard, tells_people_where_its_server_is) {
  instance shop;
  shop.bench.connect();
  EXPECT_EQ(shop.guard.notes.read().server.place.address, "10.0.0.1:6379");
}

// Both find no record before either has founded the store.
TEST(shard, founds_a_store_once_when_two_lanes_are_first) {
  instance shop;
  shard_bench second{shop, shop.guard};
  shop.pass(0ms);
  shop.bench.accept();
  second.accept();
  while (shop.bench.execute() || second.execute()) {
  }
  while (shop.bench.execute() || shop.bench.deliver() || second.execute() || second.deliver()) {
  }
  EXPECT_TRUE(shop.bench.counts());
  EXPECT_TRUE(second.counts());
  EXPECT_EQ(
      shop.bench.events.times(store_event::founded) + second.events.times(store_event::founded),
      1U);
  EXPECT_EQ(shop.guard.store_id(), shop.store.store_field("id"));
  EXPECT_EQ(shop.bench.link.openings + second.link.openings, 2);
}

TEST(shard, does_not_found_the_store_that_it_was_told_to_expect) {
  instance shop{{}, "expected"};
  shop.bench.open_connection();
  EXPECT_FALSE(shop.bench.counts());
  EXPECT_EQ(shop.guard.loss(), store_loss::emptied);
  EXPECT_EQ(shop.store.store_field("id"), "");
}

// ---- which run of the server it is

// It gives its server another replication id, and that has lost nothing.
TEST(shard, meets_the_same_run_when_a_first_replica_has_come) {
  counting shop;
  shop.store.attach_first_replica();
  shop.bench.cut();
  shop.bench.connect();
  EXPECT_EQ(shop.bench.events.times(store_event::recovering), 0U);
}

TEST(shard, meets_another_run_when_the_server_was_a_replica_for_a_moment) {
  counting shop;
  shop.store.attach_first_replica();
  shop.store.be_replica_and_primary_again(shop.store.save());
  shop.bench.cut();
  shop.bench.open_connection();
  shop.bench.exchange();
  EXPECT_EQ(shop.store.store_field("closed"), "1");
}

// ---- logging in

struct login_row {
  const char* name;
  std::string user;
  std::string password;
  std::uint32_t database;
  std::vector<std::string> said;  ///< first
};

void PrintTo(const login_row& row, std::ostream* out) {
  *out << row.name;
}

class shard_login : public testing::TestWithParam<login_row> {};

TEST_P(shard_login, comes_before_anything_else) {
  instance shop{
      {.user = GetParam().user, .password = GetParam().password, .database = GetParam().database}};
  shop.store.config.user = GetParam().user.empty() ? "default" : GetParam().user;
  shop.store.config.password = GetParam().password;
  shop.store.keep_log();
  shop.bench.connect();
  std::vector<std::string> said = shop.store.take_log();
  said.resize(GetParam().said.size());
  EXPECT_EQ(said, GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(
    table, shard_login,
    testing::Values(
        login_row{"nobody", "", "", 0, {"CLIENT SETNAME bench"}},
        login_row{"password_alone", "", "secret", 0, {"AUTH secret", "CLIENT SETNAME bench"}},
        login_row{"user", "turns", "secret", 0, {"AUTH turns secret", "CLIENT SETNAME bench"}},
        login_row{"database", "", "", 3, {"SELECT 3", "CLIENT SETNAME bench"}},
        login_row{"all", "turns", "secret", 3, {"AUTH turns secret", "SELECT 3"}}),
    [](const auto& row) { return row.param.name; });

TEST(shard, logs_in_as_a_user_without_a_password) {
  instance shop{{.user = "turns"}};
  shop.store.keep_log();
  shop.pass(0ms);
  shop.bench.accept();
  shop.bench.execute();
  EXPECT_EQ(shop.store.take_log().at(0), "AUTH turns ") << "not as the default user";
}

// The file may have been rewritten since: a rotation must not cost a restart.
TEST(shard, asks_for_the_password_anew_at_each_connection) {
  instance shop{{.password = "old"}};
  shop.store.config.password = "old";
  shop.bench.connect();
  shop.store.config.password = "new";
  shop.bench.link.log_in_with("new");
  shop.bench.cut();
  shop.bench.connect();
  EXPECT_EQ(shop.bench.events.times(store_event::connect_failed), 0U);
}

// ---- servers that are not counted on

// The time between a failover and its end: nobody need do anything but ask again.
TEST(shard, asks_again_within_the_longest_wait_while_sentinels_name_a_replica) {
  instance shop{{.tuning = {.connection = {.set_up_timeout = 1s,
                                           .stall_timeout = 2s,
                                           .reconnect = {50ms, 200ms}}},
                 .primary = "mymaster"}};
  shop.store.config.role = "slave";
  for (int attempt = 1; attempt <= 20; ++attempt) {
    shop.bench.open_connection();
    EXPECT_EQ(shop.bench.link.openings, attempt);
    EXPECT_FALSE(shop.bench.counts());
    EXPECT_THAT(shop.guard.notes.read().trouble, HasSubstr("sentinels are asked again"));
    EXPECT_EQ(shop.guard.loss(), store_loss::none);
    shop.pass(200ms);
    EXPECT_EQ(shop.bench.link.now(), connection_state::opening);
  }
  shop.store.config.role = "master";
  shop.bench.connect();
}

struct refusal_case {
  const char* name;
  void (*happens)(memory_redis& store);
  const char* words;
  shard_bench::settings how{};
};

void PrintTo(const refusal_case& row, std::ostream* out) {
  *out << row.name;
}

class unfit_server : public testing::TestWithParam<refusal_case> {};

TEST_P(unfit_server, is_refused_with_the_cause_and_is_asked_again) {
  instance shop{GetParam().how};
  const memory_redis sound = shop.store;
  GetParam().happens(shop.store);
  shop.bench.open_connection();
  EXPECT_FALSE(shop.bench.counts());
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  EXPECT_EQ(shop.bench.link.approvals, 0);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::connect));
  EXPECT_THAT(shop.bench.events.detail(store_event::connect_failed), HasSubstr(GetParam().words));
  EXPECT_THAT(shop.guard.notes.read().trouble, HasSubstr(GetParam().words))
      << "for /readyz and /degraded";
  shop.store = sound;
  shop.store.config.password = GetParam().how.password;
  shop.bench.connect();
}

INSTANTIATE_TEST_SUITE_P(
    table, unfit_server,
    testing::Values(
        refusal_case{"replica", [](auto& in) { in.config.role = "slave"; }, "replica"},
        refusal_case{"replica_without_its_primary",
                     [](auto& in) {
                       in.config.role = "slave";
                       for (const char* const each : {"exists", "hmget"})
                         in.refuse(each, "MASTERDOWN Link with MASTER is down");
                     },
                     "counted on it are lost"},
        refusal_case{"replica_that_a_sentinel_named",
                     [](auto& in) { in.config.role = "slave"; },
                     "10.0.0.1:6379, which a sentinel named as mymaster, is a replica",
                     {.primary = "mymaster"}},
        refusal_case{"sentinel", [](auto& in) { in.config.mode = "sentinel"; }, "is a Sentinel"},
        refusal_case{"sentinel_with_database",
                     [](auto& in) { in.config.mode = "sentinel"; },
                     "is a Sentinel",
                     {.database = 1}},
        refusal_case{"sentinel_with_password",
                     [](auto& in) { in.config.mode = "sentinel"; },
                     "is a Sentinel",
                     {.password = "of the primary"}},
        refusal_case{"cluster", [](auto& in) { in.config.mode = "cluster"; }, "cluster_enabled:1"},
        refusal_case{"cluster_with_database",
                     [](auto& in) { in.config.mode = "cluster"; },
                     "cluster_enabled:1",
                     {.database = 1}},
        refusal_case{
            "no_password_there", [](auto&) {}, "leave it out of redis.url", {.password = "x"}},
        refusal_case{"no_place_for_one_who_chooses_a_database",
                     [](auto& in) { in.refuse("select", "ERR max number of clients reached"); },
                     "maxclients",
                     {.database = 1}},
        refusal_case{"busy", [](auto& in) { in.config.condition = memory_redis::condition::busy; },
                     "SCRIPT KILL"},
        refusal_case{"lru", [](auto& in) { in.config.eviction_policy = "allkeys-lru"; },
                     "allkeys-lru"},
        refusal_case{"random", [](auto& in) { in.config.eviction_policy = "allkeys-random"; },
                     "allkeys-random"},
        refusal_case{"old", [](auto& in) { in.config.version = "4.0.14"; }, "4.0.14"},
        refusal_case{"nameless", [](auto& in) { in.config.names_run = false; }, "run_id"},
        refusal_case{"login", [](auto& in) { in.config.password = "secret"; },
                     "redis.password_file"},
        refusal_case{"right_to_scripts", [](auto& in) { in.forbid("script|load"); }, "ACL SETUSER"},
        refusal_case{"no_place",
                     [](auto& in) { in.refuse("client", "ERR max number of clients reached"); },
                     "maxclients"},
        refusal_case{"loading",
                     [](auto& in) { in.config.condition = memory_redis::condition::loading; },
                     "LOADING"},
        refusal_case{"old_protocol",
                     [](auto& in) {
                       in.command({"SET", "t:genesis", "x"});
                     },
                     "choose another redis.prefix"},
        refusal_case{"other_format",
                     [](auto& in) {
                       in.command({"HSET", "t:{0}:store", "format", "9", "id", "s", "buckets", "1",
                                   "state", "ready"});
                     },
                     "format 9"},
        refusal_case{"other_buckets",
                     [](memory_redis& in) {
                       in.command({"HSET", "t:{0}:store", "format", "1", "id", "s", "buckets", "16",
                                   "state", "ready"});
                     },
                     "founded with 16 buckets"},
        refusal_case{"spoilt_record",
                     [](auto& in) {
                       in.command({"SET", "t:{0}:store", "x"});
                     },
                     "redis.prefix"}),
    [](const auto& row) { return row.param.name; });

TEST(shard, tells_of_what_a_server_refused_only_where_that_is_the_trouble) {
  instance shop{{.password = "x", .database = 16}};
  shop.store.config.mode = "sentinel";
  shop.bench.open_connection();
  EXPECT_TRUE(shop.bench.events.refusals.empty());
  shop.store.config.mode = "standalone";
  shop.bench.open_connection();
  ASSERT_EQ(shop.bench.events.refusals.size(), 1U);
  EXPECT_EQ(shop.bench.events.refusals[0].first, store_refusal::auth);
  EXPECT_THAT(shop.bench.events.words(), StartsWith("ERR AUTH <password> called without"));
  shop.store.config.password = "x";
  shop.bench.open_connection();
  ASSERT_EQ(shop.bench.events.refusals.size(), 2U);
  EXPECT_EQ(shop.bench.events.words(), "ERR DB index is out of range");
  EXPECT_THAT(shop.guard.notes.read().trouble,
              StartsWith("ERR DB index is out of range; the store has"));
}

TEST(shard, says_which_store_is_still_being_founded) {
  instance shop;
  shop.store.command(
      {"HSET", "t:{0}:store", "format", "1", "id", "s", "buckets", "1", "state", "pending"});
  shop.bench.open_connection();
  EXPECT_THAT(shop.bench.events.detail(store_event::connect_failed), HasSubstr("being founded"));
}

TEST(shard, counts_where_only_what_has_a_life_span_is_evicted) {
  instance shop;
  shop.store.config.eviction_policy = "volatile-lru";
  shop.bench.connect();
  EXPECT_EQ(shop.store.life_span_ms(shop.store.lane_records().at(0)), std::nullopt)
      << "or a full store would drop the records of lanes";
  shop.pass(1s);
  shop.bench.exchange();
  EXPECT_EQ(shop.store.life_span_ms(shop.store.lane_records().at(0)), std::nullopt);
}

TEST(shard, does_without_a_name_and_without_configuration_where_they_are_forbidden) {
  instance shop;
  shop.store.forbid("client|setname");
  shop.store.forbid("config|get");
  shop.bench.connect();
}

TEST(shard, reads_on_after_a_refusal_only_to_the_end_of_the_connection) {
  instance shop;
  shop.store.config.password = "secret";  // each command is refused
  shop.bench.open_connection();
  EXPECT_EQ(shop.bench.events.refusals.size(), 1U);
  EXPECT_EQ(shop.bench.events.failures.size(), 1U);
}

// It used to write before it read, and never became ready.
TEST(shard, starts_on_a_store_that_is_full) {
  counting first;
  instance shop;
  shop.store = first.store;
  shop.store.config.condition = memory_redis::condition::full;
  shop.bench.connect();
  EXPECT_TRUE(shop.guard.is_known());
  request& refused = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(refused.error(), errc::store_full);
  EXPECT_TRUE(shop.bench.events.failures.empty());
}

TEST(shard, says_that_a_full_store_cannot_be_founded) {
  instance shop;
  shop.store.config.condition = memory_redis::condition::full;
  shop.bench.open_connection();
  EXPECT_THAT(shop.bench.events.detail(store_event::connect_failed), StartsWith("OOM"));
  EXPECT_THAT(shop.bench.events.detail(store_event::connect_failed), HasSubstr("maxmemory"));
}

TEST(shard, sends_no_take_before_its_lane_has_entered) {
  instance shop;
  const request& early = shop.bench.ask("a");
  shop.bench.open_connection();
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
  EXPECT_FALSE(shop.bench.counts());
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(early.range(), (turn_range{1, 1}));
}

}  // namespace
}  // namespace turnomatic::redis
