// What becomes of the service when sentinels make another server the primary.
#include "integration/proven_load.hpp"
#include "integration/redis_service.hpp"
#include "support/eventually.hpp"
#include "support/redis_process.hpp"
#include "support/sentinel_set.hpp"
#include "support/server_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::redis_process;
using support::replication_info;
using support::sentinel_set;
using support::server_process;
using testing::HasSubstr;
using testing::Not;

const std::string lanes_counting = "turnomatic_store_lanes{state=\"counting\"}";
const std::string connect_failures = "turnomatic_store_call_failures_total{reason=\"connect\"}";
constexpr std::size_t workers = 2;

/// How many workers are connected there.
std::size_t workers_at(redis_process& redis) {
  const std::string clients = redis.command({"CLIENT", "LIST"}).text;
  const std::string mark = " name=turnomatic-";
  std::size_t count = 0;
  for (auto at = clients.find(mark); at != std::string::npos; at = clients.find(mark, at + 1))
    ++count;
  return count;
}

/// How many subscriptions a sentinel has.
std::size_t subscriptions_at(redis_process& sentinel) {
  const std::string clients = sentinel.command({"CLIENT", "LIST", "TYPE", "pubsub"}).text;
  std::size_t count = 0;
  for (auto at = clients.find("id="); at != std::string::npos; at = clients.find("\nid=", at + 1))
    ++count;
  return count;
}

bool counts(const server_process& server) {
  return server.metric_becomes(lanes_counting, workers) && becomes_ready(server);
}

// No write can be lost: the old primary takes none from before the replica has all until its end.
TEST(sentinel_failover, loses_nothing_under_a_proven_load_where_the_replica_has_all) {
  sentinel_set set;
  const server_process first = serve_alone(set.url());
  const server_process second = serve_alone(set.url());
  ASSERT_TRUE(counts(first) && counts(second));
  const load_order load{.servers = {&first, &second}, .at_most = 250s, .deadline = 20s};
  const load_result found = load_while(load, [&] {
    for (int i = 0; i < 2; ++i) {
      redis_process& next = set.replica();
      set.primary().command({"CONFIG", "SET", "min-replicas-to-write", "2"});
      set.await_replica();
      set.fail_over();
      EXPECT_TRUE(counts(first) && counts(second));
      EXPECT_TRUE(support::eventually([&] { return workers_at(next) == 2 * workers; }));
      set.settle();
      set.replica().command({"CONFIG", "SET", "min-replicas-to-write", "0"});
    }
  });
  expect_proven(found);
  EXPECT_EQ(first.metric("turnomatic_store_losses_total"), 0);
  EXPECT_EQ(second.metric("turnomatic_store_losses_total"), 0);
}

/// The former primary goes on as if nothing had happened for sixteen seconds.
class failover_that_nobody_notices : public testing::Test {
 protected:
  void expect_to_leave_the_former_primary() {
    redis_process& former = set.primary();
    redis_process& next = set.replica();
    set.fail_over();
    EXPECT_TRUE(support::eventually([&] { return workers_at(next) == workers; }));
    EXPECT_EQ(workers_at(former), 0U);
    EXPECT_EQ(replication_info(former, "role"), "master") << "it has ended no connection";
    EXPECT_TRUE(counts(server));
    EXPECT_TRUE(
        comes_to_say(server, "/health", "found last at 127.0.0.1:" + std::to_string(next.port())));
  }

  sentinel_set set{{.talk_period = 4s}};
  server_process server = serve_alone(set.url(), {"--redis-on-loss", "skip"});
};

TEST_F(failover_that_nobody_notices, is_heard_from_a_sentinel) {
  ASSERT_TRUE(counts(server));
  ASSERT_TRUE(support::eventually([&] { return subscriptions_at(set.sentinel(0)) == workers; }));
  expect_to_leave_the_former_primary();
}

TEST_F(failover_that_nobody_notices, is_heard_from_another_where_the_first_one_has_died) {
  ASSERT_TRUE(counts(server));
  ASSERT_TRUE(support::eventually([&] { return subscriptions_at(set.sentinel(0)) == workers; }));
  set.sentinel(0).kill();
  EXPECT_TRUE(support::eventually([&] {
    return subscriptions_at(set.sentinel(1)) + subscriptions_at(set.sentinel(2)) == workers;
  }));
  EXPECT_EQ(server.operations("/degraded").body, "[]") << "nothing depends on a subscription";
  EXPECT_EQ(server.metric(connect_failures), 0);
  expect_to_leave_the_former_primary();
}

// Each attempt to subscribe begins with the question where the primary is, and what is answered
// counts.
TEST_F(failover_that_nobody_notices, is_found_out_where_nobody_may_subscribe) {
  ASSERT_TRUE(counts(server));
  ASSERT_TRUE(support::eventually([&] { return subscriptions_at(set.sentinel(0)) == workers; }));
  for (std::size_t i = 0; i < 3; ++i) {
    set.sentinel(i).command({"ACL", "SETUSER", "default", "-subscribe"});
    set.sentinel(i).command({"CLIENT", "KILL", "TYPE", "pubsub"});
  }
  EXPECT_EQ(server.operations("/degraded").body, "[]");
  expect_to_leave_the_former_primary();
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(subscriptions_at(set.sentinel(i)), 0U);
}

TEST(sentinel_failover, is_over_soon_after_a_primary_was_killed) {
  sentinel_set set;
  const server_process server = serve_alone(set.url(), {"--redis-on-loss", "skip"});
  ASSERT_TRUE(counts(server));
  redis_process& next = set.replica();
  set.await_replica();
  set.primary().kill();
  sentinel_set::await_promotion(next);
  const auto promoted = std::chrono::steady_clock::now();
  EXPECT_TRUE(support::eventually([&] { return server.get("/turno/a").status == 200; }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - promoted;
  RecordProperty("seconds_until_turns_flow", std::to_string(took.count()));
  EXPECT_TRUE(counts(server));
  EXPECT_TRUE(support::eventually([&] { return server.operations("/degraded").body == "[]"; }))
      << server.operations("/degraded").body;
}

}  // namespace
}  // namespace turnomatic::integration
