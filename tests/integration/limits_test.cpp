// What happens at each bound.
#include "support/eventually.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

const std::string turn = "GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string refused = "turnomatic_http_connections_refused_total{reason=";

double cpu_seconds(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(file, text);
  std::istringstream fields{text.substr(text.rfind(')') + 2)};
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

TEST(limit, of_connections_is_answered_503_and_lifts_when_one_ends) {
  server_process server{{"--http-max-connections", "3"}};
  std::vector<tcp_client> open;
  for (int i = 0; i < 3; ++i) {
    open.emplace_back(server.port());
    open.back().send(turn);
    ASSERT_EQ(open.back().read_answers(1).statuses(), std::vector<int>{200});
  }
  tcp_client one_too_many{server.port()};
  one_too_many.send(turn);
  const auto answers = one_too_many.read_answers(1).answers;
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 503);
  EXPECT_EQ(answers[0].fields.count("retry-after"), 1U);
  EXPECT_NE(answers[0].body.find("too-many-connections"), std::string::npos);
  EXPECT_EQ(one_too_many.read_to_end(), tcp_client::end::closed);
  EXPECT_EQ(server.metric(refused + "\"connection_limit\"}"), 1);
  EXPECT_TRUE(server.metric_becomes("turnomatic_degraded", 1));
  EXPECT_NE(server.operations("/degraded").body.find("connection_limit"), std::string::npos);

  open.pop_back();
  EXPECT_TRUE(eventually([&] { return server.get("/turno/a").status == 200; }));
}

// Two equal instances that are full must not leave their balancer together.
TEST(limit, of_connections_makes_nobody_unready_and_is_one_degradation_while_places_come_and_go) {
  server_process server{{"--http-max-connections", "2"}};
  tcp_client stays{server.port()};
  stays.send(turn);
  ASSERT_EQ(stays.read_answers(1).statuses(), std::vector<int>{200});
  {
    tcp_client last{server.port()};
    ASSERT_TRUE(server.metric_becomes("turnomatic_degraded", 1));
  }
  const std::string first = server.operations("/degraded").body;
  for (const auto end = std::chrono::steady_clock::now() + 2s;
       std::chrono::steady_clock::now() < end;) {
    tcp_client comes_and_goes{server.port()};
    EXPECT_EQ(server.operations("/readyz").status, 200);
    EXPECT_EQ(server.operations("/degraded").body, first) << "the same, since the same moment";
  }
  const std::string health = server.operations("/health").body;
  EXPECT_NE(health.find("http.max_connections is reached"), std::string::npos) << health;
  EXPECT_TRUE(eventually([&] { return server.operations("/degraded").body == "[]"; }, 15s));
}

// What a kubelet or a balancer sees on the callers' port.
void expect_probes_answered(const server_process& server, const std::string& from = "127.0.0.1") {
  for (const std::string path : {"/livez", "/readyz", "/health", "/degraded"}) {
    for (const auto& [method, status] : {std::pair{"GET", 200}, {"HEAD", 200}, {"OPTIONS", 204}}) {
      tcp_client probe{server.port(), from};
      probe.send(method + (' ' + path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
      const auto answers = probe.read_answers(1, method == std::string{"HEAD"}).answers;
      ASSERT_EQ(answers.size(), 1U) << method << ' ' << path;
      EXPECT_EQ(answers[0].status, status) << method << ' ' << path;
      EXPECT_EQ(answers[0].fields.at("connection"), "close");
    }
  }
}

TEST(limit, of_connections_leaves_the_probes_answered) {
  server_process server{{"--http-max-connections", "1"}};
  tcp_client holds{server.port()};
  holds.send(turn);
  ASSERT_EQ(holds.read_answers(1).statuses(), std::vector<int>{200});
  expect_probes_answered(server);
  EXPECT_EQ(server.get("/turno/a").status, 503);
}

TEST(limit, of_connections_leaves_the_probes_answered_under_a_flood_of_silent_ones) {
  server_process server{{"--http-max-connections", "1", "--workers", "2"}};
  std::vector<tcp_client> flood;
  for (int i = 0; i < 600; ++i)
    flood.emplace_back(server.port());
  expect_probes_answered(server);
  EXPECT_GT(server.metric("turnomatic_http_connections_closed_total{reason=\"evicted\"}"), 200);
  EXPECT_LT(server.metric("turnomatic_http_connections"), 300);
}

TEST(limit, of_connections_answers_each_of_a_flood_that_asks_and_does_not_leave) {
  server_process server{{"--http-max-connections", "1", "--workers", "2"}};
  tcp_client holds{server.port()};
  holds.send(turn);
  ASSERT_EQ(holds.read_answers(1).statuses(), std::vector<int>{200});
  std::vector<tcp_client> flood;
  for (int i = 0; i < 600; ++i) {
    flood.emplace_back(server.port());
    flood.back().send(turn);
  }
  expect_probes_answered(server);
  for (tcp_client& each : flood)
    ASSERT_EQ(each.read_answers(1).statuses(), std::vector<int>{503});
}

TEST(limit, of_connections_from_one_address_leaves_its_probes_answered) {
  server_process server{{"--http-max-connections-per-address", "1"}};
  tcp_client holds{server.port(), "127.0.0.2"};
  holds.send(turn);
  ASSERT_EQ(holds.read_answers(1).statuses(), std::vector<int>{200});
  expect_probes_answered(server, "127.0.0.2");
}

TEST(limit, of_connections_from_one_address_is_answered_429) {
  server_process server{{"--http-max-connections-per-address", "2"}};
  tcp_client first{server.port(), "127.0.0.2"};
  tcp_client second{server.port(), "127.0.0.2"};
  for (tcp_client* each : {&first, &second}) {
    each->send(turn);
    ASSERT_EQ(each->read_answers(1).statuses(), std::vector<int>{200});
  }
  tcp_client third{server.port(), "127.0.0.2"};
  third.send(turn);
  EXPECT_EQ(third.read_answers(1).statuses(), std::vector<int>{429});
  tcp_client other{server.port(), "127.0.0.3"};
  other.send(turn);
  EXPECT_EQ(other.read_answers(1).statuses(), std::vector<int>{200});
}

TEST(limit, of_ids_is_answered_507_and_leaves_the_others_counting) {
  server_process server{{"--memory-max-ids", "3"}};
  for (const char* id : {"a", "b", "c"})
    EXPECT_EQ(server.get(std::string{"/turno/"} + id).status, 200);
  const http_answer full = server.get("/turno/d");
  EXPECT_EQ(full.status, 507);
  EXPECT_NE(full.body.find("store-full"), std::string::npos);
  EXPECT_EQ(server.get("/turno/a").body, R"({"id":"a","turno":2})");
  EXPECT_EQ(server.metric("turnomatic_counters{backend=\"memory\"}"), 3);
  EXPECT_TRUE(server.metric_becomes("turnomatic_degraded", 1));
  EXPECT_NE(server.operations("/health").body.find("\"warn\""), std::string::npos);
  EXPECT_EQ(server.operations("/health").status, 200);
}

TEST(limit, of_the_header_follows_a_reload) {
  const temporary_file file{"[http]\nheader_max = 16384\n"};
  server_process server{{"--config", file.path()}};
  // With its request line more than a worker reads at once.
  const std::string large = "GET /turno/a?" + std::string(1000, 'q') +
                            " HTTP/1.1\r\nHost: h\r\nX: " + std::string(16384 - 14, 'x') +
                            "\r\n\r\n";
  tcp_client client{server.port()};
  client.send(large + large);
  EXPECT_EQ(client.read_answers(2).statuses(), (std::vector<int>{200, 200}));
  file.write("[http]\nheader_max = 16383\n");
  server.process().signal(SIGHUP);
  ASSERT_TRUE(server.metric_becomes("turnomatic_config_reloads_total{result=\"applied\"}", 1));
  // The worker itself hears of it a moment later.
  EXPECT_TRUE(eventually([&] {
    tcp_client another{server.port()};
    another.send(large);
    return another.read_answers(1).statuses() == std::vector<int>{431};
  }));
}

// Of the process as it runs.
void leave_descriptors(pid_t pid, rlim_t count) {
  rlim_t open = 0;
  for ([[maybe_unused]] const auto& each :
       std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/fd"})
    ++open;
  const rlimit limit{open + count, open + count};
  ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, &limit, nullptr), 0);
}

TEST(limit, of_file_descriptors_neither_spins_nor_kills_and_is_unready_until_it_is_over_for_good) {
  server_process server{{"--workers", "1"}};
  // Kept open before descriptors run out, to look in from.
  tcp_client operators{server.operations_port()};
  const auto ask_operators = [&](const std::string& path) {
    operators.forget_received();
    operators.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return operators.read_answers(1).answers.at(0);
  };
  ASSERT_EQ(ask_operators("/livez").status, 200);
  leave_descriptors(server.process().pid(), 8);

  std::optional<std::vector<tcp_client>> many{std::in_place};
  for (int i = 0; i < 60; ++i)
    many->emplace_back(server.port());
  many->front().send(turn);
  ASSERT_EQ(many->front().read_answers(1).statuses(), std::vector<int>{200});
  std::this_thread::sleep_for(300ms);
  const double before = cpu_seconds(server.process().pid());
  std::this_thread::sleep_for(1s);
  EXPECT_LT(cpu_seconds(server.process().pid()) - before, 0.2);
  EXPECT_NE(ask_operators("/degraded").body.find("accept_paused"), std::string::npos);
  EXPECT_NE(ask_operators("/readyz").body.find("shedding"), std::string::npos);

  many.reset();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return ask_operators("/readyz").status == 200; }, 15s));
  EXPECT_GT(std::chrono::steady_clock::now() - begin, 4s);
  EXPECT_EQ(ask_operators("/degraded").body, "[]");
  EXPECT_EQ(server.get("/turno/a").status, 200);
}

TEST(timeout, of_a_header_is_answered_408) {
  server_process server{{"--http-header-timeout", "300ms"}};
  tcp_client client{server.port()};
  client.send("GET /turno/a HTTP/1.1\r\nHost");
  EXPECT_EQ(client.read_answers(1).statuses(), std::vector<int>{408});
  EXPECT_EQ(client.read_to_end(), tcp_client::end::closed);
}

TEST(timeout, of_a_header_ends_a_new_connection_that_says_nothing_silently) {
  server_process server{{"--http-header-timeout", "300ms"}};
  tcp_client silent{server.port()};
  tcp_client served{server.port()};
  served.send(turn);
  ASSERT_EQ(served.read_answers(1).statuses(), std::vector<int>{200});
  EXPECT_EQ(silent.read_to_end(), tcp_client::end::closed);
  EXPECT_EQ(silent.received(), "");
  served.send(turn);
  EXPECT_EQ(served.read_answers(2).statuses(), (std::vector<int>{200, 200})) << "it was only idle";
}

TEST(timeout, of_an_idle_connection_ends_it_silently) {
  server_process server{{"--http-idle-timeout", "300ms"}};
  tcp_client served{server.port()};
  served.send(turn);
  EXPECT_EQ(served.read_to_end(), tcp_client::end::closed);
  EXPECT_EQ(served.read_answers(1).statuses(), std::vector<int>{200});
}

TEST(timeout, of_a_write_ends_a_connection_that_does_not_read) {
  server_process server{{"--http-write-timeout", "300ms"}};
  tcp_client client{server.port()};
  std::string requests;
  for (int i = 0; i < 1000; ++i)
    requests += turn;
  // Far more answers than the kernel holds for a reader that does not read.
  std::thread sender{[&] {
    for (int i = 0; i < 200 && client.send(requests); ++i) {
    }
  }};
  EXPECT_TRUE(server.metric_becomes(
      "turnomatic_http_connections_closed_total{reason=\"write_timeout\"}", 1));
  sender.join();
  EXPECT_EQ(server.get("/turno/b").status, 200);
}

// A frozen machine, a throttled container. Counted in beats, the connection would have had four
// more seconds.
TEST(limit, of_idleness_goes_by_the_clock_and_not_by_what_the_process_saw_of_it) {
  server_process server{{"--http-idle-timeout", "4s"}};
  tcp_client client{server.port()};
  client.send(turn);
  ASSERT_EQ(client.read_answers(1).statuses(), std::vector<int>{200});
  std::this_thread::sleep_for(200ms);  // until it is idle in the eyes of the server as well
  server.process().signal(SIGSTOP);
  std::this_thread::sleep_for(4500ms);
  server.process().signal(SIGCONT);
  EXPECT_EQ(client.read_to_end(3s), tcp_client::end::closed);
}

// They have their last moment together, and all are told.
TEST(limit, of_idleness_ends_a_thousand_connections_at_once) {
  server_process server{{"--http-idle-timeout", "1s", "--workers", "1"}};
  std::vector<tcp_client> open;
  for (int i = 0; i < 1000; ++i)
    open.emplace_back(server.port());
  for (tcp_client& each : open)
    ASSERT_EQ(each.read_to_end(), tcp_client::end::closed);
  EXPECT_EQ(server.get("/turno/a").status, 200);
}

}  // namespace
}  // namespace turnomatic::support
