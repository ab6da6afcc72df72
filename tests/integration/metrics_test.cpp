// The page that Prometheus scrapes, from the running server.
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

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
  // The scrape itself is a connection, too.
  EXPECT_TRUE(server.metric_becomes("turnomatic_http_connections", 1));
  {
    tcp_client a{server.port()};
    tcp_client b{server.port()};
    EXPECT_TRUE(server.metric_becomes("turnomatic_http_connections", 3));
  }
  EXPECT_TRUE(server.metric_becomes("turnomatic_http_connections", 1));
}

}  // namespace
}  // namespace turnomatic::support
