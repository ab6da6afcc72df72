#include "app/redis_report.hpp"

#include <turnomatic/observer.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace turnomatic::app {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;
using testing::Pair;

/// Four workers and their store, all well.
store_reading well() {
  store_reading seen;
  seen.numbers.lanes = 4;
  seen.numbers.lanes_connected = 4;
  seen.numbers.lanes_counting = 4;
  seen.numbers.breakers[index_of(breaker_state::closed)] = 4;
  seen.numbers.waiting_limit = 400;
  seen.server.version = "7.0.15";
  seen.server.eviction_policy = "noeviction";
  seen.server.aof_enabled = "1";
  seen.server.appendfsync = "always";
  return seen;
}

store_reading breakers_in(std::initializer_list<std::pair<breaker_state, unsigned>> states) {
  store_reading seen = well();
  seen.numbers.breakers = {};
  for (const auto& [state, workers] : states)
    seen.numbers.breakers[index_of(state)] = workers;
  return seen;
}

health_check check_of(const store_reading& seen, std::string_view name) {
  std::vector<health_check> checks;
  append_health(seen, checks);
  const auto found = std::ranges::find(checks, name, &health_check::name);
  EXPECT_NE(found, checks.end()) << name;
  return found == checks.end() ? health_check{} : *found;
}

/// What stands, and "why; action".
std::map<std::string, std::string> degradations_of(const store_reading& seen) {
  std::map<std::string, std::string> standing;
  assess(seen, [&](bool stands, std::string_view what, std::string why, const char* action) {
    if (stands)
      standing.emplace(what, std::move(why) + "; " + action);
  });
  return standing;
}

TEST(redis_report, finds_nothing_wrong_where_all_is_well) {
  std::vector<health_check> checks;
  append_health(well(), checks);
  EXPECT_EQ(checks.size(), 11U);
  for (const health_check& each : checks) {
    EXPECT_EQ(each.status, health_status::pass) << each.name;
    EXPECT_EQ(each.output, "") << each.name;
  }
  EXPECT_THAT(degradations_of(well()), IsEmpty());
}

TEST(redis_report, names_the_state_the_rates_and_the_next_probe_of_a_breaker) {
  store_reading seen = breakers_in(
      {{breaker_state::closed, 2}, {breaker_state::open, 1}, {breaker_state::half_open, 1}});
  seen.numbers.failure_percent = 60;
  seen.numbers.slow_percent = 10;
  seen.openings = 3;
  seen.opening = breaker_opening{.why = breaker_reason::failure_rate,
                                 .calls = {.calls = 20, .failures = 12, .slow = 2},
                                 .failed_in_a_row = 4};
  seen.numbers.next_probe = 119'500us;
  const std::string said =
      "breakers of 4 workers: 2 closed, 1 open, 1 half_open; opened 3 times since the start, now "
      "by failure_rate: 12 of 20 calls failed, 4 in a row, 2 were slow; the next probe in 120 ms";
  const health_check check = check_of(seen, "redis:circuit_breaker");
  EXPECT_EQ(check.status, health_status::warn);
  EXPECT_EQ(check.observed_value, 2.0);
  EXPECT_EQ(check.output, said);
  EXPECT_EQ(check_of(seen, "redis:failed_calls").observed_value, 60.0);
  EXPECT_EQ(check_of(seen, "redis:slow_calls").observed_value, 10.0);
  EXPECT_EQ(check_of(seen, "redis:circuit_breaker_openings").observed_value, 3.0);
  EXPECT_THAT(degradations_of(seen), ElementsAre(Pair("circuit_breaker_open", HasSubstr(said))));
}

TEST(redis_report, promises_no_probe_of_a_breaker_that_is_forced_open) {
  const store_reading seen = breakers_in({{breaker_state::forced_open, 4}});
  EXPECT_THAT(check_of(seen, "redis:circuit_breaker").output,
              AllOf(HasSubstr("4 forced_open"), Not(HasSubstr("probe")), Not(HasSubstr("failed"))));
  EXPECT_THAT(degradations_of(seen),
              ElementsAre(Pair("circuit_breaker_overridden", HasSubstr("nothing probes"))));
}

TEST(redis_report, shows_breakers_that_do_not_decide) {
  for (const breaker_state state : {breaker_state::disabled, breaker_state::metrics_only}) {
    const store_reading seen = breakers_in({{state, 4}});
    EXPECT_EQ(check_of(seen, "redis:circuit_breaker").status, health_status::warn);
    EXPECT_EQ(check_of(seen, "redis:circuit_breaker").observed_value, 0.0);
    EXPECT_THAT(degradations_of(seen),
                ElementsAre(Pair("circuit_breaker_overridden",
                                 HasSubstr(std::string{breaker_state_labels[index_of(state)]}))));
  }
}

TEST(redis_report, says_why_there_is_no_connection) {
  store_reading seen = well();
  seen.numbers.lanes_connected = 1;
  seen.trouble = "WRONGPASS invalid username-password pair";
  const std::string said =
      "1 of 4 workers are connected to Redis: WRONGPASS invalid username-password pair";
  EXPECT_EQ(check_of(seen, "redis:connection").status, health_status::warn);
  EXPECT_EQ(check_of(seen, "redis:connection").output, said);
  EXPECT_THAT(degradations_of(seen), ElementsAre(Pair("store_unreachable", HasSubstr(said))));
}

TEST(redis_report, names_the_sentinels_and_whom_they_have_named) {
  store_reading seen = well();
  seen.place = "mymaster of the sentinels a:26379, b:26379";
  EXPECT_EQ(check_of(seen, "redis:connection").output, seen.place + ", not found yet");
  seen.server.place.address = "10.0.0.1:6379";
  const health_check well_connected = check_of(seen, "redis:connection");
  EXPECT_EQ(well_connected.status, health_status::pass);
  EXPECT_EQ(well_connected.output, seen.place + ", found last at 10.0.0.1:6379");
  seen.numbers.lanes_connected = 1;
  seen.trouble = "TCP connect to 10.0.0.1:6379: Connection refused";
  const std::string said = "1 of 4 workers are connected to Redis (" + seen.place +
                           ", found last at 10.0.0.1:6379): " + seen.trouble;
  EXPECT_EQ(check_of(seen, "redis:connection").output, said);
  EXPECT_THAT(degradations_of(seen), ElementsAre(Pair("store_unreachable", HasSubstr(said))));
}

TEST(redis_report, gives_the_first_connections_their_time) {
  store_reading seen = well();
  seen.numbers.lanes_connected = 1;
  seen.connecting = true;
  EXPECT_EQ(check_of(seen, "redis:connection").status, health_status::pass);
  EXPECT_EQ(check_of(seen, "redis:connection").observed_value, 1.0);
  EXPECT_THAT(degradations_of(seen), IsEmpty());
}

TEST(redis_report, fails_where_the_store_was_emptied_or_exchanged) {
  for (const auto& [loss, name] : {std::pair{redis::store_loss::emptied, "store_emptied"},
                                   std::pair{redis::store_loss::exchanged, "store_exchanged"}}) {
    store_reading seen = well();
    seen.numbers.lanes_connected = 0;
    seen.loss = loss;
    EXPECT_EQ(check_of(seen, "redis:connection").status, health_status::fail);
    EXPECT_THAT(degradations_of(seen), ElementsAre(Key(name)));
  }
}

TEST(redis_report, fails_where_a_counter_is_behind_and_names_it) {
  store_reading seen = well();
  seen.behind = {{"grupo7", 3, 9}, {"grupo8", 1, 2}};
  const health_check check = check_of(seen, "redis:counters_behind");
  EXPECT_EQ(check.status, health_status::fail);
  EXPECT_THAT(check.output, HasSubstr("2 counters"));
  EXPECT_THAT(check.output, HasSubstr("grupo7 stood at 3, issued up to 9"));
  EXPECT_THAT(degradations_of(seen), ElementsAre(Key("counters_behind")));
}

TEST(redis_report, tells_of_a_queue_that_is_full) {
  store_reading seen = well();
  seen.numbers.waiting = 400;
  seen.shedding = true;
  EXPECT_EQ(check_of(seen, "redis:waiting_requests").status, health_status::warn);
  EXPECT_EQ(check_of(seen, "redis:waiting_requests").observed_value, 400.0);
  EXPECT_THAT(degradations_of(seen),
              ElementsAre(Pair("store_overloaded", HasSubstr("400 requests wait"))));
}

TEST(redis_report, tells_who_is_awaited_while_the_store_is_closed) {
  store_reading seen = well();
  seen.numbers.lanes_counting = 0;
  seen.closed_for = 1'200'500us;
  EXPECT_THAT(degradations_of(seen),
              ElementsAre(Pair("store_recovering",
                               HasSubstr("closed for 1201 ms; who is awaited is not known yet"))));
  seen.awaited = {"one:a", "two:b"};
  const health_check check = check_of(seen, "redis:recovery");
  EXPECT_EQ(check.status, health_status::warn);
  EXPECT_DOUBLE_EQ(check.observed_value.value(), 1.2005);
  EXPECT_THAT(check.output, HasSubstr("awaited: one:a, two:b"));
  EXPECT_EQ(check_of(seen, "redis:connection").status, health_status::pass);
}

TEST(redis_report, does_not_tell_of_a_recovery_of_a_store_that_is_not_ours) {
  store_reading seen = well();
  seen.closed_for = 5s;
  seen.loss = redis::store_loss::exchanged;
  EXPECT_THAT(degradations_of(seen), ElementsAre(Key("store_exchanged")));
}

TEST(redis_report, names_the_instances_that_were_not_heard_and_what_that_may_cost) {
  store_reading seen = well();
  seen.unheard = {"one:a", "two:b"};
  EXPECT_THAT(degradations_of(seen),
              ElementsAre(Pair("instances_unheard",
                               AllOf(HasSubstr("one:a, two:b"), HasSubstr("handed out again")))));
  EXPECT_EQ(check_of(seen, "redis:unheard_instances").status, health_status::warn);
  EXPECT_EQ(check_of(seen, "redis:unheard_instances").observed_value, 2.0);
}

TEST(redis_report, says_how_many_workers_wait_for_replicas) {
  store_reading seen = well();
  seen.acknowledging_replicas = 1;
  EXPECT_EQ(check_of(seen, "redis:acknowledging_replicas").status, health_status::pass);
  EXPECT_EQ(check_of(seen, "redis:acknowledging_replicas").observed_value, 1.0);
  seen.lanes_lacking_replicas = 3;
  const std::string said = "3 of 4 workers wait for 1 replicas to hold what they have taken";
  EXPECT_EQ(check_of(seen, "redis:acknowledging_replicas").status, health_status::warn);
  EXPECT_THAT(check_of(seen, "redis:acknowledging_replicas").output, HasSubstr(said));
  EXPECT_THAT(degradations_of(seen), ElementsAre(Pair("not_replicated", HasSubstr(said))));
}

TEST(redis_report, warns_where_a_copy_may_be_promoted_that_has_not_acknowledged) {
  store_reading seen = well();
  seen.acknowledging_replicas = 1;
  seen.server.replicas = "2";
  seen.server.place.replicas = 4;
  EXPECT_EQ(check_of(seen, "redis:acknowledging_replicas").status, health_status::warn);
  EXPECT_THAT(check_of(seen, "redis:acknowledging_replicas").output,
              HasSubstr("2 of 5 copies hold it"));
  EXPECT_THAT(degradations_of(seen), IsEmpty()) << "nothing is wrong at the moment";
}

TEST(redis_report, says_what_should_be_set_otherwise_without_a_warning) {
  store_reading seen = well();
  seen.server.appendfsync = "everysec";
  const health_check check = check_of(seen, "redis:configuration");
  EXPECT_EQ(check.status, health_status::pass) << "somebody has decided so";
  EXPECT_EQ(check.observed_value, 1.0);
  EXPECT_THAT(check.output, HasSubstr("appendfsync is everysec"));
  EXPECT_THAT(degradations_of(seen), IsEmpty());
}

TEST(redis_report, warns_of_a_store_that_keeps_no_log) {
  store_reading seen = well();
  seen.server.aof_enabled = "0";
  EXPECT_EQ(check_of(seen, "redis:configuration").status, health_status::warn);
  EXPECT_THAT(degradations_of(seen),
              ElementsAre(Pair("store_not_persistent", HasSubstr("append-only file"))));
}

TEST(redis_report, reads_names_however_many_blanks_are_between_them) {
  EXPECT_THAT(names_in(" "), IsEmpty());
  EXPECT_THAT(names_in(""), IsEmpty());
  EXPECT_THAT(names_in(" one:a  two:b "), ElementsAre("one:a", "two:b"));
}

}  // namespace
}  // namespace turnomatic::app
