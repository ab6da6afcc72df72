// What a lane does when its store refuses.
#include "unit/redis/lane_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using mood = model_store::mood;

TEST(lane, loads_the_library_again_when_its_function_is_gone) {
  counting shop;
  shop.store.flush_functions();
  shop.store.keep_log();
  request& first = shop.bench.ask("a");
  request& second = shop.bench.ask("b");
  shop.bench.exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 1}));
  EXPECT_EQ(second.range(), (turn_range{1, 1}));
  const auto said = shop.store.take_log();
  EXPECT_EQ(std::count(said.begin(), said.end(), "FUNCTION LOAD ..."), 1)
      << "once for all that found it gone";
  EXPECT_TRUE(shop.bench.events.failures.empty()) << "not the store's failure";
}

TEST(lane, loads_the_library_for_a_batch_that_is_sent_again) {
  counting shop;
  request& patient = shop.bench.ask("a", 3);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.store.flush_functions();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 3}));
  EXPECT_EQ(shop.store.turns_taken(), 3U);
}

TEST(lane, loads_the_library_to_ask_what_became_of_a_batch) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  shop.store.flush_functions();
  shop.bench.exchange();
  shop.pass(20ms);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
}

TEST(lane, does_not_hurry_where_the_library_cannot_be_loaded) {
  counting shop;
  shop.bench.ask("a");
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.store.flush_functions();
  shop.store.set_mood(mood::full);
  const std::uint64_t before = shop.store.commands_executed();
  for (int i = 0; i < 1000; ++i)
    shop.bench.execute() || shop.bench.deliver();
  EXPECT_LT(shop.store.commands_executed() - before, 10U);
  shop.store.set_mood(mood::well);
  shop.pass(20ms);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.requests.back().range(), (turn_range{1, 1}));
}

// ---- later

class refused_for_now : public ::testing::TestWithParam<mood> {};

TEST_P(refused_for_now, goes_on_when_the_store_does) {
  counting shop;
  shop.store.set_mood(GetParam());
  request& patient = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(patient.completions, 0);
  EXPECT_THAT(shop.bench.events.failures, Each(store_failure::refused));
  const std::uint64_t refused = shop.store.commands_executed();
  shop.pass(19ms);
  shop.bench.exchange();
  EXPECT_EQ(shop.store.commands_executed(), refused) << "it pauses";
  shop.store.set_mood(mood::well);
  shop.pass(1ms);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.bench.events.failures.size(), 1U);
}

TEST_P(refused_for_now, lets_requests_go_at_their_deadline) {
  counting shop;
  shop.store.set_mood(GetParam());
  request& late = shop.bench.ask("a", 1, 50ms);
  for (int i = 0; i < 10; ++i) {
    shop.bench.exchange();
    shop.pass(10ms);
  }
  EXPECT_EQ(late.error(), errc::deadline_passed) << "certainly not executed";
  EXPECT_EQ(shop.store.turns_taken(), 0U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

TEST_P(refused_for_now, gets_the_same_turns_in_the_end_for_a_batch_that_was_executed) {
  counting shop;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.store.set_mood(GetParam());
  shop.bench.exchange();
  shop.store.set_mood(mood::well);
  shop.pass(20ms);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

TEST_P(refused_for_now, asks_in_the_end_what_became_of_a_batch) {
  counting shop;
  shop.bench.ask("a", 2, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  shop.store.set_mood(GetParam());
  for (int i = 0; i < 10; ++i) {
    shop.bench.exchange();
    shop.pass(20ms);
  }
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
  shop.store.set_mood(mood::well);
  shop.pass(500ms);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 2U);
}

INSTANTIATE_TEST_SUITE_P(lane, refused_for_now, ::testing::Values(mood::loading, mood::busy));

// A whole pipeline that cannot be executed must not go to and fro as fast as the store can refuse
// it.
TEST(lane, sends_less_and_less_often_what_is_refused_again_and_again) {
  counting shop;
  for (int i = 0; i < 20; ++i)
    shop.bench.ask("id" + std::to_string(i), 1, 10s);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.store.set_mood(mood::full);  // which the breaker does not count
  const std::uint64_t before = shop.store.commands_executed();
  for (int i = 0; i < 500; ++i) {
    shop.bench.exchange();
    shop.pass(10ms);
  }
  EXPECT_LE(shop.store.commands_executed() - before, 20U * 16U) << "in five seconds";
  shop.store.set_mood(mood::well);
  shop.pass(500ms);
  shop.bench.exchange();
  EXPECT_EQ(shop.store.turns_taken(), 20U);
  for (const request& each : shop.bench.requests)
    EXPECT_EQ(each.range(), (turn_range{1, 1}));
}

// ---- a replica

// Whoever answers by that name now may be another server, so the name is looked up again.
TEST(lane, leaves_a_server_that_has_become_a_replica) {
  counting shop;
  shop.store.set_mood(mood::read_only);
  request& patient = shop.bench.ask("a", 2);
  request& another = shop.bench.ask("b");
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.link.now(), wire::state::closed);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::lost));
  EXPECT_THAT(shop.bench.events.detail(store_event::connection_lost), HasSubstr("READONLY"));
  shop.store.set_mood(mood::well);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(another.range(), (turn_range{1, 1}));
}

TEST(lane, comes_to_no_replica) {
  workshop shop;
  shop.store.set_mood(mood::read_only);
  lane_bench bench{shop};
  bench.open_connection();
  bench.exchange();
  EXPECT_FALSE(bench.counts());
  EXPECT_THAT(bench.events.detail(store_event::connect_failed), HasSubstr("READONLY"));
}

TEST(lane, sends_no_more_again_than_its_retry_budget_allows) {
  workshop shop;
  lane_bench bench{shop, {.breaker = {.minimum_calls = 1'000'000, .consecutive_failures = 0}}};
  bench.connect();
  shop.store.set_mood(mood::busy);
  for (int i = 0; i < 100; ++i)
    bench.ask("id" + std::to_string(i));
  while (bench.execute() || bench.deliver()) {
  }
  const auto refused = std::count_if(bench.requests.begin(), bench.requests.end(),
                                     [](const request& each) { return each.completions > 0; });
  EXPECT_EQ(refused, 70) << "of a hundred: ten a second may wait, and one for five sent";
  EXPECT_EQ(bench.waiting.waiting(), 30U);
  for (const request& each : bench.requests)
    EXPECT_TRUE(!each.error() || *each.error() == errc::unavailable);
}

// ---- not now

TEST(lane, tells_that_the_store_is_full) {
  counting shop;
  shop.store.set_mood(mood::full);
  request& refused = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(refused.error(), errc::store_full);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  EXPECT_TRUE(shop.bench.events.failures.empty()) << "it answers, and at once";
}

TEST(lane, fails_what_is_refused_for_good) {
  counting shop;
  shop.store.refuse_calls("NOPERM this user has no permissions to run the 'fcall' command");
  request& refused = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(refused.error(), errc::unavailable);
  EXPECT_THAT(shop.bench.events.words(), HasSubstr("NOPERM"));
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::refused));
}

// Also of what is taken again, of what is no failure, and of what does not get as far as a take.
TEST(lane, tells_of_each_refusal_by_its_kind) {
  for (const auto& [error, kind] :
       {std::pair{"OOM command not allowed when used memory > 'maxmemory'.", store_refusal::full},
        std::pair{"MISCONF Redis is configured to save RDB snapshots", store_refusal::misconf},
        std::pair{"BUSY Redis is busy running a script", store_refusal::busy},
        std::pair{"NOREPLICAS Not enough good replicas to write.", store_refusal::noreplicas},
        std::pair{"READONLY You can't write against a read only replica.", store_refusal::readonly},
        std::pair{"CLUSTERDOWN The cluster is down", store_refusal::clusterdown},
        std::pair{"NOPERM this user has no permissions", store_refusal::noperm},
        std::pair{"ERR something else", store_refusal::other}}) {
    counting shop;
    shop.store.refuse_calls(error);
    shop.bench.ask("a");
    shop.bench.execute();
    shop.bench.deliver();
    EXPECT_THAT(shop.bench.events.refusals, ElementsAre(testing::Pair(kind, error)));
  }
}

TEST(lane, tells_of_no_refusal_where_only_its_library_has_to_be_loaded) {
  counting shop;
  shop.store.flush_functions();
  const request& patient = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_TRUE(shop.bench.events.refusals.empty());
}

// One id's key is no reason to let nobody count.
TEST(lane, fails_alone_where_the_key_holds_something_else) {
  counting shop;
  shop.store.refuse_calls("WRONGTYPE Operation against a key holding the wrong kind of value");
  for (int i = 0; i < 20; ++i) {
    shop.bench.ask("a");
    shop.bench.exchange();
    EXPECT_EQ(shop.bench.requests.back().error(), errc::unavailable);
  }
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  EXPECT_THAT(shop.bench.events.words(), HasSubstr("WRONGTYPE"));
}

// A proxy between us and Redis may have sent the command on before it gave up.
TEST(lane, does_not_take_the_error_of_a_proxy_for_a_refusal) {
  counting shop;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.last_reply() = "-upstream failure\r\n";
  shop.bench.deliver();
  EXPECT_EQ(shop.bench.link.now(), wire::state::closed);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

TEST(lane, says_so_when_the_library_cannot_be_loaded) {
  counting shop;
  shop.store.flush_functions();
  shop.store.set_mood(mood::full);
  shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_THAT(shop.bench.events.words(), HasSubstr("OOM"));
  EXPECT_THAT(shop.bench.events.failures, Contains(store_failure::refused));
}

TEST(lane, tells_of_a_refusal_in_few_words) {
  counting shop;
  shop.store.refuse_calls("ERR " + std::string(10'000, 'x'));
  shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.events.words().size(), 200U);
}

// An error says that this sending was not executed. It says nothing of the one before.
TEST(lane, does_not_take_a_batch_that_was_executed_for_refused_when_the_store_is_full) {
  counting shop;
  request& patient = shop.bench.ask("a", 3);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.store.set_mood(mood::full);
  shop.bench.exchange();
  EXPECT_EQ(patient.completions, 0);
  shop.store.set_mood(mood::well);
  shop.pass(20ms);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 3}));
}

TEST(lane, counts_a_batch_that_was_executed_before_the_store_was_full) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.store.set_mood(mood::full);
  for (int i = 0; i < 10; ++i) {
    shop.bench.exchange();
    shop.pass(20ms);
  }
  EXPECT_EQ(shop.bench.requests.front().error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U) << "that can still be found out";
  shop.store.set_mood(mood::well);
  shop.pass(500ms);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
}

TEST(lane, does_not_take_a_batch_that_was_executed_for_refused_when_its_permission_ends) {
  counting shop;
  request& unlucky = shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.store.refuse_calls("NOPERM this user has no permissions to run the 'fcall' command");
  for (int i = 0; i < 10; ++i) {
    shop.bench.exchange();
    shop.pass(20ms);
  }
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 3U)
      << "an operator would have to look";
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

}  // namespace
}  // namespace turnomatic::redis
