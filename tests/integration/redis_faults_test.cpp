// The service on a real Redis that is cut off, killed, halted, emptied and full, under a load that
// is proven.
#include "integration/proven_load.hpp"
#include "integration/redis_service.hpp"
#include "support/fault_proxy.hpp"
#include "support/redis_process.hpp"
#include "support/sanitized.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <future>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::fault_proxy;
using support::redis_process;
using support::server_process;

const std::string burned_unknown = "turnomatic_turns_burned_total{reason=\"outcome_unknown\"}";

TEST(redis_faults, counts_on_over_ten_thousand_cuts_in_the_middle_of_a_reply) {
  constexpr std::uint64_t cuts = support::is_sanitized ? 2'000 : 10'000;
  const redis_process redis;
  fault_proxy proxy{redis.port()};
  const server_process server =
      serve(url_of(proxy.port()), {"--breaker-mode", "disabled", "--redis-reconnect-min", "1ms",
                                   "--redis-reconnect-max", "2ms"});
  ASSERT_TRUE(becomes_ready(server));
  // Behind the greeting, anywhere: before a reply, within it, behind some of the next.
  proxy.follow(
      [random = std::minstd_rand{7}, done = std::uint64_t{0}](
          const support::reply_chunk& chunk) mutable -> std::optional<support::planned_cut> {
        if (done == cuts || chunk.bytes.find("run_id") != std::string_view::npos ||
            chunk.bytes_before < 600 || random() % 4 != 0)
          return {};
        ++done;
        return support::planned_cut{random() % (chunk.bytes.size() + 1)};
      });
  const load_result found = load_while({.servers = {&server}}, [&] {
    EXPECT_TRUE(support::eventually([&] { return proxy.count().cut >= cuts; }, 150s));
  });
  expect_proven(found);
  EXPECT_EQ(found.run.proof.missing, 0U) << "not one turn was lost";
  EXPECT_EQ(found.answers(503), 0U) << "and no caller noticed";
}

TEST(redis_faults, a_ghost_of_a_cut_connection_does_nothing) {
  const redis_process redis;
  fault_proxy proxy{redis.port()};
  const server_process server = serve(url_of(proxy.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    for (int i = 0; i < 20; ++i) {
      proxy.hold(support::direction::to_server);
      std::this_thread::sleep_for(5ms);
      proxy.leave_ghosts();
      proxy.release();
      std::this_thread::sleep_for(100ms);  // the service connects and sends all of it again
      proxy.wake_ghosts();
    }
  });
  EXPECT_GT(proxy.count().ghosts, 20U);
  expect_proven(found);
  EXPECT_EQ(found.run.proof.missing, 0U);
}

TEST(redis_faults, goes_on_after_redis_was_killed_and_came_back_with_its_log) {
  redis_process redis{{.append_only = true}};
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    for (int i = 0; i < 3; ++i) {
      redis.kill();
      std::this_thread::sleep_for(300ms);
      redis.restart();
      EXPECT_TRUE(becomes_ready(server, 3s));
    }
  });
  expect_proven(found);
  EXPECT_EQ(server.get("/health").status, 200);
}

TEST(redis_faults, accounts_for_every_turn_when_redis_stands_still_beyond_all_deadlines) {
  redis_process redis;
  const server_process server = serve(url_of(redis.port()), {"--request-deadline", "200ms"});
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    redis.stop_answering();
    std::this_thread::sleep_for(3s);
    redis.go_on();
    EXPECT_TRUE(becomes_ready(server, 2s));
  });
  expect_proven(found);
  EXPECT_GT(found.answers(503), 0U);
  EXPECT_EQ(found.run.proof.unexplained, 0U);
  EXPECT_EQ(server.metric(burned_unknown), 0) << "each outcome was found out";
}

class redis_losses : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] server_process serve(const redis_process& redis) const {
    return integration::serve(url_of(redis.port()), {"--redis-on-loss", GetParam()});
  }
};

INSTANTIATE_TEST_SUITE_P(policies, redis_losses, testing::Values("halt", "skip"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_P(redis_losses, stop_all_counting_when_the_store_is_emptied) {
  redis_process redis;
  const server_process server = serve(redis);
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    redis.command({"FLUSHALL"});
    EXPECT_TRUE(server.metric_becomes("turnomatic_store_halted", 1));
  });
  expect_proven(found);
  EXPECT_EQ(server.get("/turno/id-0").status, 503);
  EXPECT_EQ(server.get("/turno/never-asked-for").status, 503);
  EXPECT_EQ(server.get("/readyz").status, 503);
  EXPECT_EQ(server.get("/health").status, 503);
  EXPECT_TRUE(support::eventually([&] {
    return server.get("/degraded").body.find("store_emptied") != std::string::npos;
  })) << server.get("/degraded").body;
}

TEST(redis_faults, stops_counting_when_redis_comes_back_empty) {
  redis_process redis;
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    redis.kill();
    redis.restart();
    EXPECT_TRUE(server.metric_becomes("turnomatic_store_halted", 1));
  });
  expect_proven(found);
  EXPECT_EQ(server.get("/turno/id-0").status, 503);
}

TEST(redis_faults, never_issues_a_turn_again_that_a_restored_snapshot_has_forgotten) {
  redis_process redis{{.arguments = {"--dbfilename", "dump.rdb"}}};
  const server_process server = serve(url_of(redis.port()), {"--redis-on-loss", "skip"});
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    redis.command({"SAVE"});
    std::this_thread::sleep_for(300ms);  // these turns are not in the snapshot
    redis.kill();
    redis.restart();
    EXPECT_TRUE(becomes_ready(server, 3s));
    std::this_thread::sleep_for(100ms);
  });
  expect_proven(found);
  EXPECT_GT(server.metric("turnomatic_store_losses_total"), 0);
}

TEST(redis_faults, accounts_for_a_take_whose_reply_and_record_were_both_lost) {
  redis_process redis{{.arguments = {"--dbfilename", "dump.rdb"}}};
  fault_proxy proxy{redis.port()};
  const std::vector<std::string> how{"--redis-on-loss", "skip", "--request-deadline", "20s"};
  const server_process unlucky = serve(url_of(proxy.port()), how);
  const server_process other = serve(url_of(redis.port()), how);
  ASSERT_TRUE(becomes_ready(unlucky) && becomes_ready(other));
  redis.command({"SAVE"});
  proxy.hold(support::direction::to_client);
  auto first = std::async(std::launch::async, [&] { return unlucky.get("/turno/a"); });
  ASSERT_TRUE(support::eventually([&] {
    return redis.command({"HGET", "turnomatic:{0}:turns", "a"}).text == "1";
  }));
  EXPECT_EQ(other.get("/turno/a").body, R"({"id":"a","turno":2})");
  redis.kill();
  redis.restart();
  EXPECT_EQ(other.get("/turno/a").body, R"({"id":"a","turno":3})");
  proxy.drop();
  proxy.release();
  EXPECT_EQ(first.get().body, R"({"id":"a","turno":4})") << "it is taken again";
  EXPECT_EQ(unlucky.metric(burned_unknown), 1) << "and 1 is accounted for";
  EXPECT_EQ(unlucky.get("/turno/a").body, R"({"id":"a","turno":5})");
}

TEST(redis_faults, halts_the_ids_that_a_restored_snapshot_has_behind) {
  redis_process redis{{.arguments = {"--dbfilename", "dump.rdb"}}};
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  redis.command({"SAVE"});
  EXPECT_EQ(server.get("/turno/one").status, 200);
  redis.kill();
  redis.restart();
  EXPECT_TRUE(server.metric_becomes("turnomatic_store_counters_behind", 1));
  EXPECT_EQ(server.get("/turno/one").status, 503);
  EXPECT_EQ(server.get("/turno/another").status, 200) << "the others go on";
  EXPECT_EQ(server.get("/health").status, 503);
}

TEST(redis_faults, answers_507_under_load_while_redis_is_full) {
  redis_process redis;
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    for (int i = 0; i < 5; ++i) {
      redis.command({"CONFIG", "SET", "maxmemory", "1"});
      std::this_thread::sleep_for(100ms);
      redis.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
      std::this_thread::sleep_for(100ms);
      redis.command({"CONFIG", "SET", "maxmemory", "0"});
      EXPECT_TRUE(becomes_ready(server));
    }
  });
  expect_proven(found);
  EXPECT_GT(found.answers(507), 0U);
  EXPECT_EQ(found.run.proof.missing, 0U);
}

TEST(redis_faults, answers_507_when_redis_is_full_and_goes_on_when_it_is_not) {
  redis_process redis;
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(server.get("/turno/a").status, 507);
  redis.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(server.get("/turno/a").status, 200);
  EXPECT_EQ(server.get("/turno/a").body, R"({"id":"a","turno":2})");
}

// Somebody has pinned the store, so an empty one is not the one.
TEST(redis_faults, counts_only_on_the_store_that_it_is_told_to_expect) {
  redis_process redis;
  const server_process stranger = serve(url_of(redis.port()), {"--redis-store-id", "pinned"});
  EXPECT_TRUE(stranger.metric_becomes("turnomatic_store_halted", 1));
  EXPECT_EQ(stranger.get("/turno/a").status, 503);
  EXPECT_EQ(redis.command({"DBSIZE"}), support::redis_reply::integer(0)) << "it is not founded";
  redis.command({"HSET", "turnomatic:{0}:store", "format", "1", "id", "pinned", "buckets", "1",
                 "state", "ready", "run", "none", "token", "none"});
  EXPECT_TRUE(becomes_ready(stranger));
}

/// Its client has gone, and its reply is held back.
bool has_a_take_for_nobody(const server_process& server, fault_proxy& proxy) {
  const std::string under_way = "turnomatic_store_batches_under_way";
  if (!server.metric_becomes("turnomatic_store_lanes{state=\"counting\"}", 2) ||
      !server.metric_becomes(under_way, 0))
    return false;
  proxy.hold(support::direction::to_client);
  support::tcp_client client{server.port()};
  client.send("GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n");
  if (!server.metric_becomes(under_way, 1))
    return false;
  client.reset();
  return server.metric_becomes("turnomatic_http_connections", 0);
}

TEST(redis_faults, does_not_end_before_it_knows_what_became_of_a_take) {
  const redis_process redis;
  fault_proxy proxy{redis.port()};
  server_process server = serve(url_of(proxy.port()));
  ASSERT_TRUE(becomes_ready(server));
  ASSERT_TRUE(has_a_take_for_nobody(server, proxy));
  server.process().signal(SIGTERM);
  EXPECT_FALSE(server.process().wait(300ms)) << "it would not be counted";
  proxy.release();
  const auto ending = server.process().wait(5s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == 0);
}

TEST(redis_faults, survives_a_flush_of_its_function) {
  redis_process redis;
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    for (int i = 0; i < 20; ++i) {
      redis.command({"FUNCTION", "FLUSH"});
      std::this_thread::sleep_for(20ms);
    }
  });
  expect_proven(found);
  EXPECT_EQ(found.answers(503), 0U);
}

TEST(redis_faults, waits_while_redis_is_a_read_only_replica_and_goes_on) {
  redis_process redis;
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    redis.command({"REPLICAOF", "127.0.0.1", "1"});
    std::this_thread::sleep_for(300ms);
    redis.command({"REPLICAOF", "NO", "ONE"});
    EXPECT_TRUE(becomes_ready(server, 3s));
  });
  expect_proven(found);
  EXPECT_EQ(found.run.proof.missing, 0U);
  EXPECT_GT(server.metric("turnomatic_store_recoveries_total"), 0) << "it may have lost something";
}

// It gives its server another replication id, and that has lost nothing.
TEST(redis_faults, counts_on_without_a_recovery_when_a_first_replica_has_come) {
  redis_process redis{{.arguments = {"--repl-diskless-sync-delay", "0"}}};
  redis_process replica;
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    replica.command({"REPLICAOF", "127.0.0.1", std::to_string(redis.port())});
    EXPECT_TRUE(support::eventually([&] {
      return redis.command({"INFO", "replication"}).text.find("state=online") != std::string::npos;
    }));
    redis.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    EXPECT_TRUE(becomes_ready(server, 3s));
  });
  expect_proven(found);
  EXPECT_EQ(found.run.proof.missing, 0U);
  EXPECT_EQ(server.metric("turnomatic_store_recoveries_total"), 0);
}

TEST(redis_faults, waits_while_redis_is_busy_with_a_script) {
  redis_process redis{{.arguments = {"--busy-reply-threshold", "50"}}};
  const server_process server = serve(url_of(redis.port()));
  ASSERT_TRUE(becomes_ready(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    support::redis_client endless = redis.connect();
    endless.send({"EVAL", "while true do end", "0"});
    std::this_thread::sleep_for(300ms);
    EXPECT_EQ(redis.command({"SCRIPT", "KILL"}).text, "OK");
    EXPECT_TRUE(becomes_ready(server, 3s));
  });
  expect_proven(found);
  EXPECT_EQ(found.run.proof.missing, 0U);
}

// The client has gone when the turns that were taken for it come.
TEST(redis_faults, counts_the_turns_of_clients_that_have_gone) {
  const redis_process redis;
  fault_proxy proxy{redis.port()};
  const server_process server = serve(url_of(proxy.port()));
  ASSERT_TRUE(becomes_ready(server));
  ASSERT_TRUE(has_a_take_for_nobody(server, proxy));
  proxy.release();
  EXPECT_TRUE(server.metric_becomes("turnomatic_turns_burned_total{reason=\"client_gone\"}", 1));
  EXPECT_EQ(server.get("/turno/a").body, R"({"id":"a","turno":2})");
}

TEST(redis_faults, says_so_when_the_password_is_wrong) {
  redis_process redis{{.password = "right"}};
  server_process server = serve("redis://:wrong@127.0.0.1:" + std::to_string(redis.port()),
                                {"--request-deadline", "100ms"});
  EXPECT_EQ(server.get("/turno/a").status, 503);
  EXPECT_EQ(server.get("/readyz").status, 503);
  EXPECT_EQ(server.get("/livez").status, 200);
  EXPECT_TRUE(comes_to_say(server, "/health", "WRONGPASS")) << server.operations("/health").body;
  EXPECT_TRUE(comes_to_say(server, "/degraded", "WRONGPASS"))
      << server.operations("/degraded").body;
  server.process().signal(SIGTERM);
  const std::string logged = server.process().read_rest(10s);
  EXPECT_NE(logged.find("WRONGPASS"), std::string::npos) << logged;
  EXPECT_EQ(logged.find("wrong@"), std::string::npos) << "a secret";
}

}  // namespace
}  // namespace turnomatic::integration
