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

/// Four workers, all well.
redis_view well() {
  redis_view view;
  view.workers = 4;
  view.lanes_open = 4;
  view.breakers[index_of(breaker_state::closed)] = 4;
  view.waiting_limit = 400;
  return view;
}

redis_view with_breakers(std::initializer_list<std::pair<breaker_state, unsigned>> states) {
  redis_view view = well();
  view.breakers = {};
  for (const auto& [state, workers] : states)
    view.breakers[index_of(state)] = workers;
  return view;
}

health_check check_of(const redis_view& view, std::string_view name) {
  std::vector<health_check> checks;
  append_health(view, checks);
  const auto found = std::ranges::find(checks, name, &health_check::name);
  EXPECT_NE(found, checks.end()) << name;
  return found == checks.end() ? health_check{} : *found;
}

/// What stands, and "why; action".
std::map<std::string, std::string> degradations_of(const redis_view& view) {
  std::map<std::string, std::string> standing;
  assess(view, [&](bool stands, std::string_view what, std::string why, const char* action) {
    if (stands)
      standing.emplace(what, std::move(why) + "; " + action);
  });
  return standing;
}

TEST(redis_report, finds_nothing_wrong_where_all_is_well) {
  std::vector<health_check> checks;
  append_health(well(), checks);
  EXPECT_EQ(checks.size(), 7U);
  for (const health_check& each : checks) {
    EXPECT_EQ(each.status, health_status::pass) << each.name;
    EXPECT_EQ(each.output, "") << each.name;
  }
  EXPECT_THAT(degradations_of(well()), IsEmpty());
}

TEST(redis_report, names_the_state_the_rates_and_the_next_probe_of_a_breaker) {
  redis_view view = with_breakers(
      {{breaker_state::closed, 2}, {breaker_state::open, 1}, {breaker_state::half_open, 1}});
  view.failure_percent = 60;
  view.slow_percent = 10;
  view.openings = 3;
  view.opening = breaker_opening{.why = breaker_reason::failure_rate,
                                 .calls = {.calls = 20, .failures = 12, .slow = 2},
                                 .failed_in_a_row = 4};
  view.next_probe = 119'500us;
  const std::string said =
      "breakers of 4 workers: 2 closed, 1 open, 1 half_open; opened 3 times since the start, now "
      "by failure_rate: 12 of 20 calls failed, 4 in a row, 2 were slow; the next probe in 120 ms";
  const health_check check = check_of(view, "redis:circuit_breaker");
  EXPECT_EQ(check.status, health_status::warn);
  EXPECT_EQ(check.observed_value, 2.0);
  EXPECT_EQ(check.output, said);
  EXPECT_EQ(check_of(view, "redis:failed_calls").observed_value, 60.0);
  EXPECT_EQ(check_of(view, "redis:slow_calls").observed_value, 10.0);
  EXPECT_EQ(check_of(view, "redis:circuit_breaker_openings").observed_value, 3.0);
  EXPECT_THAT(degradations_of(view), ElementsAre(Pair("circuit_breaker_open", HasSubstr(said))));
}

TEST(redis_report, promises_no_probe_of_a_breaker_that_is_forced_open) {
  const redis_view view = with_breakers({{breaker_state::forced_open, 4}});
  EXPECT_THAT(check_of(view, "redis:circuit_breaker").output,
              AllOf(HasSubstr("4 forced_open"), Not(HasSubstr("probe")), Not(HasSubstr("failed"))));
  EXPECT_THAT(degradations_of(view),
              ElementsAre(Pair("circuit_breaker_overridden", HasSubstr("nothing probes"))));
}

TEST(redis_report, shows_breakers_that_do_not_decide) {
  for (const breaker_state state : {breaker_state::disabled, breaker_state::metrics_only}) {
    const redis_view view = with_breakers({{state, 4}});
    EXPECT_EQ(check_of(view, "redis:circuit_breaker").status, health_status::warn);
    EXPECT_EQ(check_of(view, "redis:circuit_breaker").observed_value, 0.0);
    EXPECT_THAT(degradations_of(view),
                ElementsAre(Pair("circuit_breaker_overridden",
                                 HasSubstr(std::string{breaker_state_labels[index_of(state)]}))));
  }
}

TEST(redis_report, says_why_there_is_no_connection) {
  redis_view view = well();
  view.lanes_open = 1;
  view.trouble = "WRONGPASS invalid username-password pair";
  const std::string said =
      "1 of 4 workers are connected to Redis: WRONGPASS invalid username-password pair";
  EXPECT_EQ(check_of(view, "redis:connection").status, health_status::warn);
  EXPECT_EQ(check_of(view, "redis:connection").output, said);
  EXPECT_THAT(degradations_of(view), ElementsAre(Pair("store_unreachable", HasSubstr(said))));
}

TEST(redis_report, gives_the_first_connections_their_time) {
  redis_view view = well();
  view.lanes_open = 1;
  view.connecting = true;
  EXPECT_EQ(check_of(view, "redis:connection").status, health_status::pass);
  EXPECT_EQ(check_of(view, "redis:connection").observed_value, 1.0);
  EXPECT_THAT(degradations_of(view), IsEmpty());
}

TEST(redis_report, fails_where_the_store_has_lost_its_genesis) {
  for (const auto& [loss, name] : {std::pair{redis::store_loss::emptied, "store_emptied"},
                                   std::pair{redis::store_loss::exchanged, "store_exchanged"}}) {
    redis_view view = well();
    view.lanes_open = 0;
    view.loss = loss;
    EXPECT_EQ(check_of(view, "redis:connection").status, health_status::fail);
    EXPECT_THAT(degradations_of(view), ElementsAre(Key(name)));
    EXPECT_TRUE(sample(view).halted);
  }
}

TEST(redis_report, fails_where_a_counter_is_behind_and_names_it) {
  redis_view view = well();
  view.behind = {{"grupo7", 3, 9}, {"grupo8", 1, 2}};
  const health_check check = check_of(view, "redis:counters_behind");
  EXPECT_EQ(check.status, health_status::fail);
  EXPECT_THAT(check.output, HasSubstr("2 counters"));
  EXPECT_THAT(check.output, HasSubstr("grupo7 stood at 3, issued up to 9"));
  EXPECT_THAT(degradations_of(view), ElementsAre(Key("counters_behind")));
}

TEST(redis_report, tells_of_a_queue_that_is_full) {
  redis_view view = well();
  view.waiting = 400;
  view.shedding = true;
  EXPECT_EQ(check_of(view, "redis:waiting_requests").status, health_status::warn);
  EXPECT_EQ(check_of(view, "redis:waiting_requests").observed_value, 400.0);
  EXPECT_THAT(degradations_of(view),
              ElementsAre(Pair("store_overloaded", HasSubstr("400 requests wait"))));
}

TEST(redis_report, gives_the_metrics_what_it_saw) {
  redis_view view = with_breakers({{breaker_state::open, 4}});
  view.lanes_open = 1;
  view.failure_percent = 25;
  view.slow_percent = 50;
  view.next_probe = 1s;
  view.waiting = 2;
  view.shed = 3;
  view.under_way = 4;
  view.under_way_limit = 5;
  view.losses = 6;
  view.fences = 7;
  const telemetry::store_state state = sample(view);
  EXPECT_EQ(state.breakers[index_of(breaker_state::open)], 4U);
  EXPECT_EQ(state.lanes_open, 1U);
  EXPECT_EQ(state.lanes_down, 3U);
  EXPECT_EQ(state.failure_ratio, 0.25);
  EXPECT_EQ(state.slow_ratio, 0.5);
  EXPECT_EQ(state.next_probe, 1s);
  EXPECT_EQ(state.waiting, 2U);
  EXPECT_EQ(state.waiting_limit, 400U);
  EXPECT_EQ(state.shed, 3U);
  EXPECT_EQ(state.under_way, 4U);
  EXPECT_EQ(state.under_way_limit, 5U);
  EXPECT_EQ(state.losses, 6U);
  EXPECT_EQ(state.fences, 7U);
  EXPECT_FALSE(state.halted);
}

}  // namespace
}  // namespace turnomatic::app
