// Turns that replicas hold outlive the primary; others are not handed out.
#include "integration/proven_load.hpp"
#include "integration/redis_service.hpp"
#include "support/eventually.hpp"
#include "support/redis_process.hpp"
#include "support/sentinel_set.hpp"
#include "support/server_process.hpp"
#include "support/temporary_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::redis_process;
using support::replication_info;
using support::sentinel_set;
using support::server_process;
using testing::HasSubstr;

const std::string burned = "turnomatic_turns_burned_total{reason=\"not_replicated\"}";

/// 0: none was given.
std::uint64_t take(const server_process& from, const std::string& id) {
  const auto answer = from.get("/turno/" + id);
  const auto at = answer.body.find("\"turno\":");
  return answer.status == 200 && at != std::string::npos ? std::stoull(answer.body.substr(at + 8))
                                                         : 0;
}

/// A primary whose replica can be held back, so that what the primary takes stays with it.
class primary_and_replica : public testing::Test {
 protected:
  primary_and_replica() {
    EXPECT_TRUE(support::eventually(
        [&] { return replication_info(replica, "master_link_status") == "up"; }));
  }
  /// A deadline that is worth waiting for in a test.
  server_process serve_with(const std::string& replicas) {
    return serve(url_of(primary.port()),
                 {"--redis-acknowledging-replicas", replicas, "--request-deadline", "800ms"});
  }
  /// The replica has all that the primary has.
  void await_replica() {
    const auto written = std::stoull(replication_info(primary, "master_repl_offset"));
    EXPECT_TRUE(support::eventually(
        [&] { return std::stoull(replication_info(replica, "slave_repl_offset")) >= written; }));
  }
  /// What the sockets between them can hold is full: nothing more reaches the replica, not even
  /// when it goes on after the primary has died.
  void hold_back() {
    replica.stop_answering();
    primary.command({"SET", "filler", std::string(16U << 20U, 'x')});
  }
  /// The primary dies, and the replica takes its place with what it has received.
  void promote() {
    primary.kill();
    replica.go_on();
    EXPECT_TRUE(support::eventually(
        [&] { return replication_info(replica, "master_link_status") == "down"; }, 20s));
    replica.command({"REPLICAOF", "NO", "ONE"});
  }

  redis_process primary{{.append_only = true, .lines = {"repl-diskless-sync-delay 0"}}};
  redis_process replica{
      {.append_only = true, .lines = {"replicaof 127.0.0.1 " + std::to_string(primary.port())}}};
};

TEST_F(primary_and_replica, hand_out_nothing_that_the_replica_does_not_hold) {
  const server_process server = serve_with("1");
  ASSERT_TRUE(becomes_ready(server));
  EXPECT_EQ(take(server, "a"), 1U);
  replica.stop_answering();
  const auto refused = server.get("/turno/a");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("\"applied\":\"unknown\""));
  EXPECT_TRUE(comes_to_say(server, "/degraded", "\"not_replicated\""));
  EXPECT_THAT(server.operations("/health").body, HasSubstr("wait for 1 replicas"));
  replica.go_on();
  EXPECT_TRUE(support::eventually([&] { return server.metric(burned) == 1; }))
      << "executed, held back, and too late";
  EXPECT_TRUE(support::eventually([&] { return server.operations("/degraded").body == "[]"; }));
  std::uint64_t next = 0;
  EXPECT_TRUE(support::eventually([&] { return (next = take(server, "a")) > 0; }));
  EXPECT_EQ(static_cast<double>(next), 2 + server.metric(burned)) << "each gap is accounted for";
}

TEST_F(primary_and_replica, go_on_without_the_replica_when_an_operator_says_so) {
  const support::temporary_file file{"[redis]\nacknowledging_replicas = 1\n"};
  server_process server = serve(url_of(primary.port()), {"--config", file.path()});
  ASSERT_TRUE(becomes_ready(server));
  EXPECT_EQ(take(server, "a"), 1U);
  replica.stop_answering();
  file.write("[redis]\nacknowledging_replicas = 0\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(support::eventually([&] { return take(server, "a") > 0; }));
  replica.go_on();
}

TEST_F(primary_and_replica, give_no_turn_twice_after_a_failover) {
  std::uint64_t given = 0;
  {
    server_process server = serve_with("1");
    ASSERT_TRUE(becomes_ready(server));
    EXPECT_EQ(given = take(server, "a"), 1U);
    hold_back();
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(take(server, "a"), 0U);
    server.process().signal(SIGKILL);
  }
  promote();
  const server_process server = serve(url_of(replica.port()));
  EXPECT_TRUE(becomes_ready(server));
  EXPECT_GT(take(server, "a"), given);
}

// The control: without it the test above would prove nothing.
TEST_F(primary_and_replica, give_turns_twice_where_no_replica_has_to_hold_them) {
  std::uint64_t given = 0;
  {
    server_process server = serve_with("0");
    ASSERT_TRUE(becomes_ready(server));
    EXPECT_EQ(take(server, "a"), 1U);
    await_replica();
    hold_back();
    for (int i = 0; i < 3; ++i)
      given = take(server, "a");
    EXPECT_EQ(given, 4U);
    server.process().signal(SIGKILL);
  }
  promote();
  const server_process server = serve(url_of(replica.port()));
  EXPECT_TRUE(becomes_ready(server));
  EXPECT_EQ(take(server, "a"), 2U) << "as handed out before";
}

// With two replicas one is left that acknowledges, whoever is killed.
TEST(primary_and_two_replicas, lose_nothing_when_primaries_are_killed_under_a_proven_load) {
  sentinel_set set{{.replicas = 2}};
  const server_process first = serve(set.url());
  const server_process second = serve(set.url());
  ASSERT_TRUE(becomes_ready(first) && becomes_ready(second));
  const load_order load{.servers = {&first, &second}, .at_most = 250s, .deadline = 20s};
  const load_result found = load_while(load, [&] {
    for (int i = 0; i < 2; ++i) {
      redis_process& former = set.primary();
      former.kill();
      (void)set.await_another(former);
      EXPECT_TRUE(becomes_ready(first) && becomes_ready(second));
      former.restart();
      set.settle();
    }
  });
  expect_proven(found);
  for (const server_process* const each : {&first, &second}) {
    EXPECT_EQ(each->metric("turnomatic_store_losses_total"), 0);
    EXPECT_EQ(each->metric("turnomatic_store_counters_behind"), 0);
    EXPECT_THAT(each->operations("/health").body, HasSubstr("\"redis:acknowledging_replicas\""));
  }
}

}  // namespace
}  // namespace turnomatic::integration
