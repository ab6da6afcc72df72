// What callers, Redis and operators see of the breaker and of full queues.
#include "integration/proven_load.hpp"
#include "integration/redis_service.hpp"
#include "support/redis_process.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::redis_process;
using support::server_process;

const std::string closed = "turnomatic_circuit_breaker_state{shard=\"0\",state=\"closed\"}";

/// How often Redis has executed a command.
std::uint64_t executed(redis_process& redis, const std::string& command) {
  const std::string stats = redis.command({"INFO", "commandstats"}).text;
  const std::string name = "cmdstat_" + command + ":calls=";
  const std::size_t at = stats.find(name);
  return at == std::string::npos ? 0 : std::stoull(stats.substr(at + name.size()));
}

void open_breakers(const server_process& server) {
  EXPECT_TRUE(support::eventually([&] {
    (void)server.get("/turno/opening");
    return server.metric(closed) == 0;
  }));
}

TEST(redis_breaker, lets_only_probes_reach_redis_while_it_is_open) {
  redis_process redis;
  const server_process server = serve(url_of(redis.port()), {"--request-deadline", "100ms"});
  ASSERT_TRUE(becomes_ready(server));
  redis.stop_answering();
  open_breakers(server);
  const load_result found = load_while({.servers = {&server}, .of_turns = false},
                                       [&] { std::this_thread::sleep_for(1s); });
  EXPECT_GT(found.answers(503), 1'000U);
  EXPECT_EQ(found.turns(), 0U);
  redis.go_on();
  ASSERT_TRUE(becomes_ready(server));
  // Those whose deadlines opened it, sent and perhaps asked about, and what has just been taken.
  EXPECT_LT(executed(redis, "fcall"), 100U);
  EXPECT_LT(executed(redis, "ping"), 100U);
}

TEST(redis_breaker, refuses_at_once_and_recovers_by_itself) {
  redis_process redis{{.append_only = true}};
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  redis.kill();
  open_breakers(server);
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = server.get("/turno/a");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms) << "not after a deadline";
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("breaker-open"), std::string::npos);
  EXPECT_NE(refused.body.find(R"("applied":"no")"), std::string::npos);
  for (const char* const path : {"/health", "/degraded"}) {
    EXPECT_TRUE(comes_to_say(server, path, "2 open")) << server.operations(path).body;
    EXPECT_TRUE(comes_to_say(server, path, "; the next probe in ")) << server.operations(path).body;
    EXPECT_TRUE(comes_to_say(server, path, ", now by consecutive_failures: "))
        << server.operations(path).body;
  }
  EXPECT_TRUE(comes_to_say(server, "/health", "Connection refused"))
      << server.operations("/health").body;
  EXPECT_GT(server.metric("turnomatic_circuit_breaker_failure_ratio{shard=\"0\"}"), 0);
  EXPECT_TRUE(support::eventually([&] {
    return server.metric("turnomatic_circuit_breaker_next_probe_seconds{shard=\"0\"}") > 0;
  }));
  redis.restart();
  EXPECT_TRUE(becomes_ready(server, 3s));
  EXPECT_TRUE(server.metric_becomes(closed, 2));
}

// The defaults: what is over within the deadline is not seen by callers.
TEST(redis_breaker, lets_a_short_hiccup_be_ridden_out) {
  redis_process redis;
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    for (int i = 0; i < 5; ++i) {
      redis.stop_answering();
      std::this_thread::sleep_for(100ms);
      redis.go_on();
      std::this_thread::sleep_for(50ms);
      redis.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
      std::this_thread::sleep_for(50ms);
    }
  });
  expect_proven(found);
  EXPECT_EQ(found.run.proof.missing, 0U);
  EXPECT_EQ(found.answers(503), 0U);
}

TEST(redis_breaker, follows_a_reload_while_it_is_scraped) {
  redis_process redis;
  server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  for (int i = 1; i <= 20; ++i) {
    server.process().signal(SIGHUP);
    EXPECT_EQ(server.metric("turnomatic_store_waiting_requests_limit"), 40'000);
  }
  EXPECT_TRUE(support::eventually(
      [&] { return server.metric("turnomatic_config_reloads_total{result=\"applied\"}") > 0; }));
}

}  // namespace
}  // namespace turnomatic::integration
