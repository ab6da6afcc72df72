// What a lane says to a store before it counts there.
#include "unit/redis/lane_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

lane_bench::settings logging_in(std::string user, std::string password,
                                std::uint32_t database = 0) {
  lane_bench::settings made;
  made.greet.user = std::move(user);
  made.greet.password = std::move(password);
  made.greet.database = database;
  return made;
}

TEST(lane, greets_with_no_more_than_it_needs) {
  workshop shop;
  shop.store.keep_log();
  lane_bench bench{shop};
  bench.connect();
  EXPECT_THAT(shop.store.take_log(),
              ElementsAre("CLIENT SETNAME bench", "INFO server replication memory",
                          "FUNCTION LOAD ...", "SET t:genesis genesis1 NX", "GET t:genesis"));
  EXPECT_EQ(bench.events.times(store_event::connected), 1U);
  EXPECT_EQ(bench.link.approvals, 1);
}

TEST(lane, logs_in_before_anything_else) {
  workshop shop;
  shop.store.keep_log();
  shop.store.require_login("default", "secret");
  lane_bench bench{shop, logging_in("", "secret")};
  bench.connect();
  const auto said = shop.store.take_log();
  EXPECT_EQ(said.at(0), "AUTH secret");
  EXPECT_EQ(said.at(1), "CLIENT SETNAME bench");
}

TEST(lane, logs_in_as_a_user_and_chooses_its_database) {
  workshop shop;
  shop.store.keep_log();
  shop.store.require_login("turns", "secret");
  lane_bench bench{shop, logging_in("turns", "secret", 3)};
  bench.connect();
  const auto said = shop.store.take_log();
  EXPECT_EQ(said.at(0), "AUTH turns secret");
  EXPECT_EQ(said.at(1), "SELECT 3");
  EXPECT_EQ(said.at(2), "CLIENT SETNAME bench");

  bench.ask("a");
  bench.exchange();
  EXPECT_EQ(shop.store.value("a", 3), 1U);
  EXPECT_EQ(shop.store.value("a", 0), 0U);
}

TEST(lane, waits_for_each_answer_before_it_goes_on) {
  workshop shop;
  lane_bench bench{shop};
  bench.open_connection();
  for (int commands = 1; !bench.counts(); ++commands) {
    ASSERT_LE(commands, 5);
    ASSERT_TRUE(bench.execute());
    EXPECT_FALSE(bench.execute()) << "nothing behind command " << commands;
    ASSERT_TRUE(bench.deliver());
  }
}

TEST(lane, sends_no_take_before_it_has_greeted) {
  workshop shop;
  lane_bench bench{shop};
  bench.open_connection();
  shop.store.keep_log();
  const request& early = bench.ask("a");
  bench.exchange();
  EXPECT_THAT(shop.store.take_log().back(), HasSubstr("t:c:a"));
  EXPECT_EQ(early.range(), (turn_range{1, 1}));
}

TEST(lane, gives_a_connection_up_where_it_is_not_let_in) {
  workshop shop;
  shop.store.require_login("default", "another");
  lane_bench bench{shop, logging_in("", "secret")};
  bench.open_connection();
  bench.exchange();
  EXPECT_EQ(bench.link.now(), wire::state::closed);
  EXPECT_THAT(bench.events.failures, ElementsAre(store_failure::connect));
  EXPECT_THAT(bench.events.detail(store_event::connect_failed), HasSubstr("WRONGPASS"));
}

TEST(lane, logs_in_as_a_user_without_a_password) {
  workshop shop;
  shop.store.keep_log();
  lane_bench bench{shop, logging_in("turns", "")};
  bench.open_connection();
  bench.execute();
  EXPECT_EQ(shop.store.take_log().at(0), "AUTH turns ") << "not as the default user";
}

TEST(lane, does_not_count_where_counters_could_be_evicted) {
  for (const char* const policy : {"allkeys-lru", "allkeys-lfu", "allkeys-random"}) {
    workshop shop;
    shop.store.evict(policy);
    lane_bench bench{shop};
    bench.open_connection();
    bench.exchange();
    EXPECT_FALSE(bench.counts());
    EXPECT_THAT(bench.events.detail(store_event::connect_failed), HasSubstr(policy));
  }
  workshop shop;
  shop.store.evict("volatile-lru");
  lane_bench bench{shop};
  bench.connect();
  EXPECT_TRUE(bench.counts()) << "counters do not expire";
}

TEST(lane, approves_only_of_a_server_that_it_counts_on) {
  workshop shop;
  shop.store.set_mood(model_store::mood::read_only);
  lane_bench bench{shop};
  bench.open_connection();
  bench.exchange();
  EXPECT_EQ(bench.link.approvals, 0);
}

TEST(lane, comes_to_a_store_that_is_full) {
  counting shop;
  shop.store.set_mood(model_store::mood::full);
  shop.bench.cut();
  shop.bench.connect();
  const request& refused = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(refused.error(), errc::store_full);
}

TEST(lane, does_without_a_name_where_naming_is_forbidden) {
  workshop shop;
  shop.store.forbid_client_command();
  lane_bench bench{shop};
  bench.connect();
  EXPECT_TRUE(bench.counts());
}

TEST(lane, does_not_count_on_a_server_that_cannot_be_told_from_another) {
  workshop shop;
  shop.store.name_no_run_id();
  lane_bench bench{shop};
  bench.open_connection();
  bench.exchange();
  EXPECT_FALSE(bench.counts());
  EXPECT_THAT(bench.events.detail(store_event::connect_failed), HasSubstr("run_id"));
}

TEST(lane, gives_up_a_greeting_that_is_not_answered_in_time) {
  workshop shop;
  lane_bench bench{shop};
  bench.open_connection();
  shop.pass(999ms);
  EXPECT_EQ(bench.link.now(), wire::state::open);
  bench.execute();
  bench.deliver();
  shop.pass(1ms);
  EXPECT_EQ(bench.link.now(), wire::state::closed) << "the time is for all of it";
  EXPECT_THAT(bench.events.failures, ElementsAre(store_failure::connect));
}

TEST(lane, gives_a_new_store_a_genesis) {
  workshop shop;
  lane_bench bench{shop};
  bench.connect();
  EXPECT_EQ(shop.store.genesis(), "genesis1");
  EXPECT_EQ(shop.guard.genesis(), "genesis1");
  EXPECT_TRUE(shop.guard.known());
  EXPECT_EQ(bench.events.detail(store_event::founded), "genesis1");
}

TEST(lane, takes_the_genesis_that_a_store_has) {
  workshop shop;
  shop.store.set_genesis("older");
  lane_bench bench{shop};
  bench.connect();
  EXPECT_EQ(shop.store.genesis(), "older");
  EXPECT_EQ(shop.guard.genesis(), "older");
  EXPECT_EQ(bench.events.times(store_event::founded), 0U);
}

TEST(lane, founds_a_store_once_only) {
  workshop shop;
  lane_bench first{shop};
  lane_bench second{shop};
  first.open_connection();
  second.open_connection();
  while (first.execute() || first.deliver() || second.execute() || second.deliver()) {
  }
  EXPECT_TRUE(first.counts());
  EXPECT_TRUE(second.counts());
  EXPECT_EQ(first.events.times(store_event::founded), 1U);
  EXPECT_EQ(second.events.times(store_event::founded), 0U);

  shop.store.keep_log();
  second.cut();
  second.connect();
  for (const std::string& said : shop.store.take_log())
    EXPECT_FALSE(said.starts_with("SET")) << "the instance knows its store";
}

TEST(lane, counts_only_at_the_store_that_it_was_told_to_expect) {
  workshop shop{"expected"};
  shop.store.set_genesis("expected");
  lane_bench bench{shop};
  bench.connect();
  EXPECT_TRUE(bench.counts());

  workshop other{"expected"};
  lane_bench stranger{other};
  stranger.open_connection();
  stranger.exchange();
  EXPECT_FALSE(stranger.counts());
  EXPECT_EQ(other.guard.loss(), store_loss::emptied);
  EXPECT_EQ(other.store.genesis(), "") << "it is not founded anew";
}

TEST(lane, goes_on_when_the_library_was_loaded_by_another) {
  workshop shop;
  lane_bench first{shop};
  first.connect();
  lane_bench second{shop};
  second.connect();
  EXPECT_TRUE(second.counts());
}

TEST(lane, comes_again_to_a_store_that_is_still_loading) {
  workshop shop;
  lane_bench bench{shop};
  shop.store.set_mood(model_store::mood::loading);
  request& patient = bench.ask("a");
  bench.open_connection();
  bench.exchange();
  EXPECT_THAT(bench.events.detail(store_event::connect_failed), HasSubstr("LOADING"));
  shop.store.set_mood(model_store::mood::well);
  bench.connect();
  bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
}

}  // namespace
}  // namespace turnomatic::redis
