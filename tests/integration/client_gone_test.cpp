// Clients that give up while their turn is being taken, in a storm of them: what they were not told
// is burned, and issued and burned together are what was taken.
#include "integration/proven_load.hpp"
#include "integration/redis_service.hpp"
#include "support/redis_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;

const std::string request = "GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n";

// One worker, so that what waits waits for what was sent.
support::server_process serve_alone(const std::string& url) {
  return support::server_process{{"--backend", "redis", "--redis-url", url, "--workers", "1"}};
}

// Returns when no thread of it runs any more.
void halt(support::server_process& server) {
  const pid_t pid = server.process().pid();
  ::kill(pid, SIGSTOP);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED), 0);
}

void go_on(support::server_process& server) {
  ::kill(server.process().pid(), SIGCONT);
}

struct account {
  double issued;
  double burned;
  double withdrawn;
};

account account_of(const support::server_process& server, const std::string& backend) {
  double burned = 0;
  for (const char* const reason : {"client_gone", "deadline", "outcome_unknown", "store_loss"})
    burned +=
        server.metric(std::string{"turnomatic_turns_burned_total{reason=\""} + reason + "\"}");
  return {server.metric("turnomatic_turns_issued_total{backend=\"" + backend + "\"}"), burned,
          server.metric("turnomatic_takes_withdrawn_total")};
}

std::uint64_t turn_in(const std::string& body) {
  return std::stoull(body.substr(body.find("\"turno\":") + 8));
}

// Takes a turn of each id; what was taken before is what the load had taken.
double taken_of(const support::server_process& server, std::uint32_t ids) {
  double sum = 0;
  for (std::uint32_t i = 0; i < ids; ++i)
    sum += static_cast<double>(turn_in(server.get("/turno/id-" + std::to_string(i)).body));
  return sum;
}

void storm(support::server_process& server, const std::string& backend,
           const std::function<void()>& pause, const std::function<void()>& go_on) {
  constexpr std::uint32_t ids = 5;
  const load_result result =
      load_while({.servers = {&server}, .ids = ids, .connections = 64, .deadline = 60ms}, [&] {
        for (int i = 0; i < 10; ++i) {
          std::this_thread::sleep_for(50ms);
          pause();
          std::this_thread::sleep_for(i % 2 == 0 ? 90ms : 250ms);
          go_on();
        }
      });
  EXPECT_GT(result.run.proof.unknown_outcomes, 64U) << "nobody gave up";
  EXPECT_EQ(result.run.proof.violations(), 0U);
  ASSERT_GT(result.turns(), 0U);
  const double taken = taken_of(server, ids);
  const double received = static_cast<double>(result.turns()) + ids;
  account held{};
  EXPECT_TRUE(support::eventually([&] {
    held = account_of(server, backend);
    return held.issued + held.burned == taken;
  })) << held.issued
      << " issued and " << held.burned << " burned are not the " << taken << " taken";
  EXPECT_LE(taken - received, held.burned) << "a number that reached nobody counts as issued";
  EXPECT_GE(held.issued, received) << "a number that a client has counts as burned";
}

TEST(client_gone, is_accounted_for_in_a_storm_over_a_redis_that_pauses) {
  support::redis_process redis;
  support::server_process server = serve(redis.url());
  storm(
      server, "redis", [&] { redis.stop_answering(); }, [&] { redis.go_on(); });
}

TEST(client_gone, is_accounted_for_in_a_storm_over_a_process_that_is_stopped) {
  support::server_process server{{"--workers", "2"}};
  storm(
      server, "memory", [&] { halt(server); }, [&] { go_on(server); });
}

TEST(client_gone, takes_no_turn_that_was_not_sent_yet) {
  support::redis_process redis;
  const support::server_process server = serve_alone(redis.url());
  ASSERT_TRUE(becomes_ready(server));
  redis.stop_answering();
  for (int i = 0; i < 5; ++i) {
    support::tcp_client client{server.port()};
    ASSERT_TRUE(client.send(request));
    std::this_thread::sleep_for(100ms);
  }
  redis.go_on();
  EXPECT_TRUE(server.metric_becomes("turnomatic_turns_burned_total{reason=\"client_gone\"}", 1));
  EXPECT_EQ(server.metric("turnomatic_takes_withdrawn_total"), 4);
  EXPECT_EQ(turn_in(server.get("/turno/a").body), 2U);
}

TEST(client_gone, takes_no_turn_for_requests_that_a_stopped_process_finds_behind_their_deadline) {
  support::server_process server;
  ASSERT_EQ(server.get("/turno/a").status, 200);
  halt(server);
  std::vector<support::tcp_client> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(server.port());
    ASSERT_TRUE(clients.back().send(request));
  }
  support::tcp_client patient = std::move(clients.back());
  clients.clear();
  std::this_thread::sleep_for(1500ms);
  go_on(server);
  const auto answers = patient.read_answers(1).answers;
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 503);
  EXPECT_NE(answers[0].body.find("deadline-passed"), std::string::npos);
  EXPECT_EQ(turn_in(server.get("/turno/a").body), 2U);
}

TEST(client_gone, is_not_who_closes_only_its_half_and_waits) {
  support::redis_process redis;
  const support::server_process server = serve(redis.url());
  ASSERT_TRUE(becomes_ready(server));
  redis.stop_answering();
  support::tcp_client client{server.port()};
  ASSERT_TRUE(client.send(request));
  client.shutdown_send();
  std::this_thread::sleep_for(400ms);
  redis.go_on();
  const auto answers = client.read_answers(1).answers;
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_EQ(client.read_to_end(), support::tcp_client::end::closed);
  EXPECT_TRUE(server.metric_becomes("turnomatic_turns_issued_total{backend=\"redis\"}", 2));
  EXPECT_EQ(server.metric("turnomatic_turns_burned_total{reason=\"client_gone\"}"), 0);
}

// The wait of one that is being ended is withdrawn as that of any other.
TEST(client_gone, is_noticed_by_its_reset_on_a_connection_that_is_being_ended) {
  support::redis_process redis;
  const support::server_process server = serve_alone(redis.url());
  ASSERT_TRUE(becomes_ready(server));
  redis.stop_answering();
  support::tcp_client first{server.port()};
  ASSERT_TRUE(first.send(request));
  std::this_thread::sleep_for(20ms);
  support::tcp_client second{server.port()};
  ASSERT_TRUE(second.send("GET /turno/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  std::this_thread::sleep_for(20ms);
  second.reset();
  EXPECT_TRUE(server.metric_becomes("turnomatic_takes_withdrawn_total", 1));
  redis.go_on();
  EXPECT_EQ(first.read_answers(1).answers.at(0).status, 200);
  EXPECT_EQ(turn_in(server.get("/turno/a").body), 2U);
}

}  // namespace
}  // namespace turnomatic::integration
