// The page that Prometheus scrapes, from the running server.
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

std::set<std::string> families_of(const std::string& page) {
  std::set<std::string> families;
  std::istringstream lines{page};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# TYPE "))
      families.insert(line.substr(7, line.find(' ', 7) - 7));
  return families;
}

// What promtool says about the page on its standard input; nothing if it is not installed.
std::optional<std::string> promtool_says(const std::string& page) {
  if (std::system("command -v promtool >/dev/null") != 0)
    return std::nullopt;
  const temporary_file file{page};
  std::string said;
  if (FILE* const tool = ::popen(
          ("promtool check metrics < " + file.path() + " 2>&1; echo status=$?").c_str(), "r")) {
    std::array<char, 256> text;
    while (std::fgets(text.data(), text.size(), tool))
      said += text.data();
    ::pclose(tool);
  }
  return said;
}

TEST(metrics, leave_promtool_nothing_to_say) {
  server_process server;
  server.get("/turno/a");
  server.get("/nothing");
  const auto said = promtool_says(server.operations("/metrics").body);
  if (!said)
    GTEST_SKIP() << "promtool is not installed";
  EXPECT_EQ(*said, "status=0\n");
}

TEST(metrics, are_all_documented) {
  server_process server;
  std::ifstream file{std::string{TURNOMATIC_SOURCE_DIR} + "/docs/metrics.md"};
  const std::string document{std::istreambuf_iterator<char>{file}, {}};
  const auto families = families_of(server.operations("/metrics").body);
  EXPECT_GT(families.size(), 20U);
  for (const std::string& family : families)
    EXPECT_NE(document.find('`' + family), std::string::npos) << family;
}

TEST(metrics, are_for_operators_only) {
  server_process server;
  EXPECT_EQ(server.operations("/metrics").status, 200);
  EXPECT_EQ(server.operations("/metrics").fields.at("content-type"),
            "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(server.get("/metrics").status, 404);
}

TEST(metrics, count_what_happened) {
  server_process server;
  for (int i = 0; i < 5; ++i)
    server.get("/turno/a");
  server.get("/turno/%");
  fetch(server.port(), "/turno/a", "POST");
  fetch(server.port(), "/turno/a", "BREW");
  const std::pair<const char*, double> rows[] = {
      {"turnomatic_turns_issued_total{backend=\"memory\"}", 6},
      {"turnomatic_counters{backend=\"memory\"}", 1},
      {"http_requests_total{method=\"GET\",route=\"turn\",code=\"200\"}", 5},
      {"http_requests_total{method=\"GET\",route=\"turn\",code=\"400\"}", 1},
      {"http_requests_total{method=\"POST\",route=\"turn\",code=\"200\"}", 1},
      {"turnomatic_http_rejections_total{reason=\"method_unknown\"}", 1},
      {"http_request_duration_seconds_count{route=\"turn\"}", 7},
      {"turnomatic_ready", 1},
      {"turnomatic_degraded", 0}};
  for (const auto& [series, value] : rows)
    EXPECT_TRUE(server.metric_becomes(series, value)) << series;
}

TEST(metrics, see_connections_come_and_go) {
  server_process server;
  const std::string callers = "turnomatic_http_connections";
  EXPECT_TRUE(server.metric_becomes(callers, 0));
  {
    tcp_client a{server.port()};
    tcp_client b{server.port()};
    EXPECT_TRUE(server.metric_becomes(callers, 2));
  }
  EXPECT_TRUE(server.metric_becomes(callers, 0));
  // The scrape itself is one, too.
  EXPECT_TRUE(server.metric_becomes("turnomatic_worker_connections{worker=\"operations\"}", 1));
}

TEST(metrics, never_show_more_connections_than_there_may_be) {
  server_process server{{"--http-max-connections", "3"}};
  std::vector<tcp_client> clients;
  for (int i = 0; i < 20; ++i)
    clients.emplace_back(server.port());
  EXPECT_TRUE(server.metric_becomes(
      "turnomatic_http_connections_refused_total{reason=\"connection_limit\"}", 17));
  EXPECT_EQ(server.metric("turnomatic_http_connections"), 3);
  EXPECT_EQ(server.metric("turnomatic_http_connections_limit"), 3);
}

TEST(metrics, show_an_uneven_spread_over_the_workers) {
  server_process server{{"--workers", "2"}};
  tcp_client client{server.port()};
  for (int i = 0; i < 20; ++i)
    client.send("GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(client.read_answers(20).answers.size(), 20U);
  const auto of = [&](const std::string& name, int worker) {
    return server.metric(name + "{worker=\"worker-" + std::to_string(worker) + "\"}");
  };
  EXPECT_TRUE(server.metric_becomes("turnomatic_turns_issued_total{backend=\"memory\"}", 20));
  EXPECT_EQ(
      std::max(of("turnomatic_worker_turns_total", 0), of("turnomatic_worker_turns_total", 1)), 20);
  EXPECT_EQ(of("turnomatic_worker_turns_total", 0) + of("turnomatic_worker_turns_total", 1), 20);
  EXPECT_EQ(of("turnomatic_worker_connections", 0) + of("turnomatic_worker_connections", 1), 1);
}

TEST(metrics, are_packed_for_those_who_ask) {
  server_process server;
  for (const auto& [field, packed] :
       {std::pair{"Accept-Encoding: gzip\r\n", true}, std::pair{"Accept-Encoding: br\r\n", false},
        std::pair{"", false}}) {
    tcp_client client{server.operations_port()};
    client.send(std::string{"GET /metrics HTTP/1.1\r\nHost: h\r\n"} + field + "\r\n");
    const auto answers = client.read_answers(1).answers;
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].fields.contains("content-encoding"), packed) << field;
    EXPECT_EQ(answers[0].body.starts_with("\x1f\x8b"), packed) << field;
    EXPECT_EQ(answers[0].fields.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  }
}

}  // namespace
}  // namespace turnomatic::support
