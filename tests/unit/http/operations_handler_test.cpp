#include "http/operations_handler.hpp"

#include "support/fakes.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace turnomatic::http {
namespace {

using nlohmann::json;
using support::fixed_operations;

operations_answer ask(route which, const operations_source& source,
                      audience who = audience::operators) {
  return answer_operations(which, who, source);
}

TEST(operations, livez_tells_whether_the_event_loops_turn) {
  fixed_operations source;
  EXPECT_EQ(ask(route::livez, source).status, 200);
  source.is_live = false;
  const auto answer = ask(route::livez, source);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(json::parse(answer.body)["live"], false);
}

TEST(operations, readyz_says_why_it_is_not_ready) {
  fixed_operations source;
  EXPECT_EQ(ask(route::readyz, source).status, 200);
  const std::pair<readiness_state, const char*> rows[] = {
      {readiness_state::starting, "starting"},
      {readiness_state::draining, "draining"},
      {readiness_state::shedding, "shedding"},
      {readiness_state::unsafe_to_count, "unsafe to count"}};
  for (const auto& [state, reason] : rows) {
    source.readiness = {state, {}};
    const auto answer = ask(route::readyz, source);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(json::parse(answer.body), (json{{"ready", false}, {"reason", reason}}));
  }
}

TEST(operations, health_is_as_bad_as_its_worst_check) {
  fixed_operations source;
  source.checks = {{"a:x", "datastore", health_status::pass, 1.5, "s", {}},
                   {"b:y", "component", health_status::pass, {}, {}, {}}};
  const std::pair<health_status, std::pair<int, const char*>> rows[] = {
      {health_status::pass, {200, "pass"}},
      {health_status::warn, {200, "warn"}},
      {health_status::fail, {503, "fail"}}};
  for (const auto& [status, expected] : rows) {
    source.checks[1].status = status;
    const auto answer = ask(route::health, source);
    EXPECT_EQ(answer.status, expected.first);
    EXPECT_EQ(answer.content_type, "application/health+json");
    EXPECT_EQ(json::parse(answer.body)["status"], expected.second);
  }
}

TEST(operations, health_lists_every_check) {
  fixed_operations source;
  source.checks = {{"memory:ids", "datastore", health_status::warn, 9, "ids", "nearly full"}};
  const json check = json::parse(ask(route::health, source).body)["checks"]["memory:ids"][0];
  EXPECT_EQ(check["componentType"], "datastore");
  EXPECT_EQ(check["status"], "warn");
  EXPECT_EQ(check["observedValue"], 9);
  EXPECT_EQ(check["observedUnit"], "ids");
  EXPECT_EQ(check["output"], "nearly full");
  EXPECT_TRUE(check.contains("time"));
}

TEST(operations, degraded_is_an_empty_list_when_all_is_well) {
  EXPECT_EQ(ask(route::degraded, fixed_operations{}).body, "[]");
}

TEST(operations, degraded_says_what_since_when_why_and_what_is_done) {
  fixed_operations source;
  source.degradations = {{"accept_paused", "Too many open files\xff", "retrying",
                          std::chrono::system_clock::time_point{std::chrono::seconds{0}}}};
  const auto answer = ask(route::degraded, source);
  EXPECT_EQ(answer.status, 200);
  const json list = json::parse(answer.body);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["what"], "accept_paused");
  EXPECT_EQ(list[0]["since"], "1970-01-01T00:00:00Z");
  EXPECT_EQ(list[0]["action"], "retrying");
}

// Whatever the texts hold: callers are strangers.
TEST(operations, tell_callers_the_bare_status_and_operators_the_rest) {
  fixed_operations source;
  source.readiness = {readiness_state::unsafe_to_count, "10.0.0.7:6379 has lost it"};
  source.checks = {
      {"redis:connection", "datastore", health_status::fail, 3, "lanes", "10.0.0.7: refused"}};
  source.degradations = {{"configuration_rejected", "/etc/turnomatic.toml:4: bad", "the old stays",
                          std::chrono::system_clock::time_point{std::chrono::seconds{0}}}};
  const std::pair<route, json> rows[] = {
      {route::readyz, {{"ready", false}, {"reason", "unsafe to count"}}},
      {route::health,
       {{"status", "fail"},
        {"serviceId", "turnomatic"},
        {"checks", {{"redis:connection", json::array({{{"status", "fail"}}})}}}}},
      {route::degraded,
       json::array({{{"what", "configuration_rejected"}, {"since", "1970-01-01T00:00:00Z"}}})}};
  for (const auto& [which, document] : rows) {
    const auto bare = ask(which, source, audience::callers);
    EXPECT_EQ(json::parse(bare.body), document);
    const auto full = ask(which, source, audience::operators);
    EXPECT_EQ(full.status, bare.status);
    EXPECT_EQ(full.content_type, bare.content_type);
  }
  EXPECT_EQ(json::parse(ask(route::readyz, source).body)["detail"], "10.0.0.7:6379 has lost it");
  EXPECT_EQ(json::parse(ask(route::health, source).body)["checks"]["redis:connection"][0]["output"],
            "10.0.0.7: refused");
  EXPECT_EQ(json::parse(ask(route::degraded, source).body)[0]["why"],
            "/etc/turnomatic.toml:4: bad");
}

TEST(operations, health_now_is_one_of_three_states) {
  const auto state_of = [](const fixed_operations& source) {
    return json::parse(health_now(source).data)["state"].get<std::string>();
  };
  fixed_operations source;
  source.checks = {{"a:x", "datastore", health_status::pass, 1.5, "s", {}}};
  EXPECT_EQ(state_of(source), "healthy");
  source.degradations = {{"configuration_rejected", "why", "action", {}}};
  EXPECT_EQ(state_of(source), "degraded");
  source.degradations.clear();
  source.checks[0].status = health_status::warn;
  EXPECT_EQ(state_of(source), "degraded");
  source.checks[0].status = health_status::fail;
  EXPECT_EQ(state_of(source), "unhealthy");
  source.checks[0].status = health_status::pass;
  source.readiness = {readiness_state::draining, {}};
  EXPECT_EQ(state_of(source), "unhealthy");
}

TEST(operations, health_now_changes_with_what_is_wrong_and_not_with_numbers) {
  fixed_operations source;
  source.checks = {{"a:x", "datastore", health_status::pass, 1.5, "s", {}}};
  source.degradations = {{"store_full", "3 times", "waits", {}}};
  const auto before = health_now(source);
  source.checks[0].observed_value = 2;
  source.degradations[0].why = "4 times";
  const auto after = health_now(source);
  EXPECT_EQ(after.matters, before.matters);
  EXPECT_NE(after.data, before.data);
  EXPECT_EQ(json::parse(after.data)["degraded"][0]["why"], "4 times");
  EXPECT_EQ(after.data.find('\n'), std::string::npos);
  source.degradations[0].what = "store_busy";
  EXPECT_NE(health_now(source).matters, before.matters);
}

}  // namespace
}  // namespace turnomatic::http
