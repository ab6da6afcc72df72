// What operators do about a store that was lost, and about the breakers before it.
#include "integration/administered_service.hpp"
#include "support/eventually.hpp"
#include "support/redis_process.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <set>
#include <string>
#include <thread>

namespace turnomatic::integration {
namespace {

using nlohmann::json;
using support::http_answer;
using support::redis_process;

TEST(admin, adopts_a_store_that_was_emptied) {
  redis_process redis;
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  EXPECT_EQ(tested.post("/admin/store/adopt").body, R"({"adopted":false})") << "nothing is lost";
  for (int i = 0; i < 5; ++i)
    (void)tested.take("a");
  redis.command({"FLUSHALL"});
  ASSERT_TRUE(tested.loses_its_store());
  EXPECT_EQ(tested.post("/admin/counters/a?turno=9").status, 503);
  EXPECT_EQ(tested.post("/admin/store/adopt").body, R"({"adopted":true})");
  ASSERT_TRUE(support::eventually([&] { return tested.server.get("/readyz").status == 200; }));
  ASSERT_TRUE(support::eventually([&] { return tested.take("a") == R"({"id":"a","turno":6})"; }));
  EXPECT_EQ(tested.take("never-asked-for"), R"({"id":"never-asked-for","turno":1})");
}

// One worker has noticed the loss, and most have not.
TEST(admin, adopts_a_store_for_all_workers_within_a_second) {
  redis_process redis;
  const service tested{on(redis), "16"};
  ASSERT_TRUE(tested.becomes_ready());
  ASSERT_TRUE(tested.server.metric_becomes("turnomatic_store_lanes{state=\"counting\"}", 16));
  for (int turn = 1; turn <= 60; ++turn)
    ASSERT_EQ(tested.take("a"), R"({"id":"a","turno":)" + std::to_string(turn) + "}");
  redis.command({"FLUSHALL"});
  ASSERT_TRUE(tested.loses_its_store());
  EXPECT_EQ(tested.post("/admin/store/adopt").body, R"({"adopted":true})");
  std::this_thread::sleep_for(std::chrono::seconds{1});
  for (int turn = 61; turn <= 120; ++turn)
    EXPECT_EQ(tested.take("a"), R"({"id":"a","turno":)" + std::to_string(turn) + "}");
  EXPECT_GE(tested.server.metric("turnomatic_store_losses_total"), 1)
      << "of the store, and of lanes";
  EXPECT_EQ(tested.server.metric("turnomatic_store_call_failures_total{reason=\"lost\"}"), 0);
}

TEST(admin, forces_the_breakers_open_and_back) {
  const redis_process redis;
  const service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  const auto states = [](const http_answer& answer) {
    std::set<std::string> seen;
    const json workers = json::parse(answer.body)["workers"];
    EXPECT_EQ(workers.size(), 2U);
    for (const json& each : workers)
      seen.insert(each["state"].get<std::string>() + '/' + each["mode"].get<std::string>());
    return seen;
  };
  using shown = std::set<std::string>;
  EXPECT_EQ(states(tested.get("/admin/breaker")), shown{"closed/automatic"});
  EXPECT_EQ(states(tested.post("/admin/breaker?mode=forced_open")),
            shown{"forced_open/forced_open"});
  for (int i = 0; i < 10; ++i) {
    const http_answer refused = tested.server.get("/turno/a");
    EXPECT_TRUE(has_problem(refused, 503, "breaker-open")) << refused.body;
    EXPECT_TRUE(refused.fields.contains("retry-after"));
  }
  EXPECT_EQ(tested.get("/admin/counters/a").status, 200) << "operators go past it";
  EXPECT_EQ(states(tested.post("/admin/breaker?mode=automatic")), shown{"closed/automatic"});
  for (int turn = 1; turn < 10; ++turn)
    EXPECT_EQ(tested.take("a"), "{\"id\":\"a\",\"turno\":" + std::to_string(turn) + "}");
}

TEST(admin, switches_the_breakers_off_and_lets_them_decide_in_secret) {
  redis_process redis;
  const service tested{on(redis, {"--request-deadline", "100ms"})};
  ASSERT_TRUE(tested.becomes_ready());
  redis.stop_answering();
  for (const std::string mode : {"disabled", "metrics_only"}) {
    EXPECT_EQ(tested.post("/admin/breaker?mode=" + mode).status, 200);
    for (int i = 0; i < 10; ++i)
      EXPECT_FALSE(has_problem(tested.server.get("/turno/a"), 503, "breaker-open"));
    EXPECT_TRUE(support::eventually([&] {
      return tested.server.operations("/degraded").body.find("2 " + mode) != std::string::npos;
    }));
  }
  EXPECT_TRUE(support::eventually([&] {
    (void)tested.server.get("/turno/a");
    return tested.server.metric(
               "turnomatic_circuit_breaker_transitions_total{shard=\"0\",state=\"open\"}") > 0;
  })) << "what it would have done is counted";
  redis.go_on();
}

// Both have to be told: what the one accepts the other may know better.
TEST(admin, adopts_an_emptied_store_for_all_instances) {
  redis_process redis;
  const service first{on(redis)};
  const service second{on(redis)};
  ASSERT_TRUE(first.becomes_ready());
  ASSERT_TRUE(second.becomes_ready());
  for (int i = 0; i < 3; ++i)
    (void)first.take("a");
  for (int i = 0; i < 4; ++i)
    (void)second.take("a");
  redis.command({"FLUSHALL"});
  for (const service* const each : {&first, &second})
    EXPECT_TRUE(each->loses_its_store());
  EXPECT_EQ(first.post("/admin/store/adopt").body, R"({"adopted":true})");
  for (const service* const each : {&first, &second})
    EXPECT_TRUE(support::eventually([each] { return each->server.get("/readyz").status == 200; }));
  EXPECT_EQ(first.take("a"), R"({"id":"a","turno":8})") << "above what the other has issued";
}

TEST(admin, sets_the_breakers_until_the_configuration_is_read_again) {
  const redis_process redis;
  service tested{on(redis)};
  ASSERT_TRUE(tested.becomes_ready());
  EXPECT_EQ(tested.post("/admin/breaker?mode=forced_open").status, 200);
  EXPECT_EQ(tested.server.get("/turno/a").status, 503);
  tested.server.process().signal(SIGHUP);
  EXPECT_TRUE(tested.becomes_ready());
}

}  // namespace
}  // namespace turnomatic::integration
