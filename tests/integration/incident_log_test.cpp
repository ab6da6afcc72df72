// Who was refused, and why, in the log of the real server.
#include "integration/administered_service.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using support::server_process;
using support::tcp_client;

/// The next line with this message; an empty object if none comes.
json next_line(server_process& server, const std::string& message) {
  while (const auto line = server.process().read_line(5s)) {
    json entry = json::parse(*line);
    if (entry["message"] == message)
      return entry;
  }
  return json::object();
}

void expect_client_refused(server_process& server, const std::string& why) {
  const json line = next_line(server, "client refused");
  EXPECT_EQ(line.value("reason", ""), why) << line;
  EXPECT_EQ(line.value("level", ""), "warn");
  EXPECT_TRUE(line.value("peer", "").starts_with("127.0.0.1:")) << line;
}

TEST(incident_log, names_who_sent_what_the_gate_does_not_let_through) {
  server_process server;
  tcp_client client{server.port()};
  client.send("POST /turno/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n");
  EXPECT_EQ(client.read_answers(1).statuses(), std::vector<int>{400});
  expect_client_refused(server, "bad_framing");
}

TEST(incident_log, names_who_did_not_complete_a_header) {
  server_process server{{"--http-header-timeout", "250ms"}};
  tcp_client client{server.port()};
  client.send("GET /turno/a HTTP/1.1\r\n");
  EXPECT_EQ(client.read_answers(1).statuses(), std::vector<int>{408});
  expect_client_refused(server, "header_timeout");
}

TEST(incident_log, names_who_does_not_take_its_answers) {
  server_process server{{"--http-write-timeout", "250ms"}};
  tcp_client client{server.port()};
  const std::string request = "GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n";
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += request;
  std::thread sender{[&] {
    for (int i = 0; i < 200 && client.send(many); ++i) {
    }
  }};
  expect_client_refused(server, "write_timeout");
  sender.join();
}

TEST(incident_log, names_who_finds_no_place) {
  for (const auto& [flag, why] :
       {std::pair{"--http-max-connections", "connection_limit"},
        std::pair{"--http-max-connections-per-address", "address_limit"}}) {
    server_process server{{flag, "1"}};
    tcp_client first{server.port()};
    first.send("GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(first.read_answers(1).statuses(), std::vector<int>{200});
    tcp_client second{server.port()};
    expect_client_refused(server, why);
  }
}

TEST(incident_log, shows_a_wrong_token_and_who_changed_what) {
  service tested{{}};
  EXPECT_EQ(tested.ask("POST /admin/counters/a?turno=41", "guessed").status, 401);
  const json refused = next_line(tested.server, "request");
  EXPECT_EQ(refused.value("status", 0), 401) << refused;
  EXPECT_EQ(refused.value("route", ""), "admin");
  EXPECT_EQ(refused.value("level", ""), "warn");
  EXPECT_TRUE(refused.value("peer", "").starts_with("127.0.0.1:")) << refused;
  EXPECT_EQ(tested.post("/admin/counters/a?turno=41").status, 200);
  const json changed = next_line(tested.server, "operator: counter set");
  EXPECT_TRUE(changed.value("peer", "").starts_with("127.0.0.1:")) << changed;
}

TEST(incident_log, shows_what_failed_because_of_us_though_nothing_is_sampled) {
  server_process server{{"--memory-max-ids", "1"}};
  EXPECT_EQ(server.get("/turno/a").status, 200);
  EXPECT_EQ(server.get("/turno/b").status, 507);
  const json line = next_line(server, "request");
  EXPECT_EQ(line.value("status", 0), 507) << line;
  EXPECT_EQ(line.value("target", ""), "/turno/b");
}

TEST(incident_log, does_not_become_a_storm) {
  server_process server{{"--memory-max-ids", "1", "--workers", "2"}};
  EXPECT_EQ(server.get("/turno/a").status, 200);
  const auto begin = std::chrono::steady_clock::now();
  constexpr int failures = 5000;
  tcp_client client{server.port()};
  const std::string request = "GET /turno/b HTTP/1.1\r\nHost: h\r\n\r\n";
  for (int i = 0; i < failures; i += 50) {
    std::string many;
    for (int each = 0; each < 50; ++each)
      many += request;
    client.forget_received();
    client.send(many);
    ASSERT_EQ(client.read_answers(50).answers.size(), 50U);
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  std::uint64_t lines = 0;
  std::uint64_t left_out = 0;
  while (const auto line = server.process().read_line(1500ms)) {
    const json entry = json::parse(*line);
    lines += entry.contains("status") ? 1U : 0U;  // the last one only says how many there were
    left_out += entry.value("left_out", std::uint64_t{0});
  }
  EXPECT_GE(lines, 10U);
  EXPECT_LE(lines, 11U + static_cast<std::uint64_t>(took / 1s));
  EXPECT_EQ(lines + left_out, static_cast<std::uint64_t>(failures)) << "each is accounted for";
}

}  // namespace
}  // namespace turnomatic::integration
