// The sampled access log of the real server, read back.
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

class access_log : public testing::Test {
 protected:
  void send(const std::string& target) {
    client_.forget_received();
    client_.send("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_EQ(client_.read_answers(1).answers.size(), 1U);
  }
  std::optional<std::string> next_line() { return server_.process().read_line(5s); }

  server_process server_{{"--workers", "1", "--log-access-sample", "1"}};
  tcp_client client_{server_.port()};
};

// Whatever shows it obeys no byte of it.
bool is_plain(const std::string& line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// All that a request target may hold.
std::string every_visible_character() {
  std::string all;
  for (char c = 0x21; c < 0x7f; ++c)
    if (c != '#')
      all += c;
  return all;
}

TEST_F(access_log, holds_hostile_targets_as_they_were_sent_and_nothing_of_them_unescaped) {
  for (const std::string& target :
       {"/turno/a"s, R"(/turno/a"},{"message":"forged","x":")"s, R"(/turno/a?\n\u000a\x1b[31m\")"s,
        R"(/turno/a\)"s, "/turno/%0d%0a%1b%5b31m%00%ff"s, "/turno/a?<script>alert('x')</script>"s,
        "/turno/a?${jndi:ldap://h/x}%n%s$(reboot)`reboot`"s, "/turno/" + every_visible_character(),
        "http://h/turno/" + every_visible_character()}) {
    send(target);
    const auto line = next_line();
    ASSERT_TRUE(line) << target;
    EXPECT_TRUE(is_plain(*line)) << *line;
    const auto entry = nlohmann::json::parse(*line, nullptr, false);
    ASSERT_TRUE(entry.is_object()) << *line;
    std::set<std::string> keys;
    for (const auto& [key, value] : entry.items())
      keys.insert(key);
    EXPECT_EQ(keys,
              (std::set<std::string>{"time", "level", "severity", "message", "peer", "route",
                                     "method", "status", "latency_us", "target", "left_out"}));
    EXPECT_EQ(entry["message"], "request");
    EXPECT_EQ(entry["target"], target);
  }
}

TEST_F(access_log, cuts_a_long_target_off) {
  const std::string target = "/turno/a?" + std::string(900, 'q');
  send(target);
  const auto line = next_line();
  ASSERT_TRUE(line);
  EXPECT_EQ(nlohmann::json::parse(*line)["target"], target.substr(0, 256));
}

TEST_F(access_log, says_of_what_the_gate_refused_who_and_why_and_no_byte_of_it) {
  for (const std::string& raw :
       {"GET /turno/a\x1b[2J HTTP/1.1\r\nHost: h\r\n\r\n"s, "\x1b]0;title\x07\r\n"s,
        "GET /turno/\xc2\x9b HTTP/1.1\r\nHost: h\r\n\r\n"s, "GET /a\0b HTTP/1.1\r\n\r\n"s}) {
    tcp_client hostile{server_.port()};
    hostile.send(raw);
    EXPECT_EQ(hostile.read_answers(1).statuses(), std::vector<int>{400});
    const auto line = next_line();
    ASSERT_TRUE(line);
    const auto entry = nlohmann::json::parse(*line);
    EXPECT_EQ(entry["message"], "client refused");
    EXPECT_TRUE(entry["peer"].get<std::string>().starts_with("127.0.0.1:")) << *line;
    std::set<std::string> keys;
    for (const auto& [key, value] : entry.items())
      keys.insert(key);
    EXPECT_EQ(keys, (std::set<std::string>{"time", "level", "severity", "message", "reason", "peer",
                                           "left_out"}));
  }
  send("/turno/after");
  const auto line = next_line();
  ASSERT_TRUE(line);
  EXPECT_EQ(nlohmann::json::parse(*line)["target"], "/turno/after") << *line;
}

}  // namespace
}  // namespace turnomatic::support
