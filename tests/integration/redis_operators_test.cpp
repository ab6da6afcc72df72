// What operators read of a Redis that is away, and why it cannot be counted on.
#include "integration/redis_service.hpp"
#include "support/eventually.hpp"
#include "support/redis_process.hpp"
#include "support/server_process.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using support::redis_options;
using support::redis_process;
using support::server_process;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

server_process serve_with_workers(const std::string& workers, const std::string& url) {
  return server_process{
      {"--backend", "redis", "--redis-url", url, "--workers", workers, "--drain-delay", "0ms"}};
}

/// What it writes to its log from now on.
std::vector<json> lines_within(server_process& server, std::chrono::milliseconds time) {
  std::vector<json> lines;
  const auto until = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left <= 0ms)
      return lines;
    if (const auto line = server.process().read_line(left))
      lines.push_back(json::parse(*line));
  }
}

std::string dump(const std::vector<json>& lines) {
  std::string all;
  for (const json& line : lines)
    all += line.dump() + '\n';
  return all;
}

TEST(redis_log, says_nothing_of_a_store_that_is_merely_not_connected_yet) {
  const redis_process redis{{.append_only = true}};
  server_process server = serve_with_workers("16", redis.url());
  EXPECT_THAT(dump(lines_within(server, 1500ms)), Not(HasSubstr("degraded")));
  EXPECT_EQ(server.operations("/degraded").body, "[]");
}

TEST(redis_log, warns_of_a_store_that_was_never_there) {
  redis_process redis;
  redis.kill();
  server_process server = serve_with_workers("16", redis.url());
  EXPECT_THAT(dump(lines_within(server, 1500ms)),
              AllOf(HasSubstr("store_unreachable"), HasSubstr("Connection refused")));
}

TEST(redis_log, is_one_line_in_a_while_for_all_workers_together) {
  redis_process redis;
  server_process server = serve_with_workers("16", redis.url());
  ASSERT_TRUE(becomes_ready(server));
  redis.kill();
  // How it begins: one line a kind.
  const auto begin = lines_within(server, 2s);
  EXPECT_THAT(dump(begin), HasSubstr("connection_lost"));
  EXPECT_LE(begin.size(), 10U) << dump(begin);
  const auto later = lines_within(server, 6s);
  EXPECT_LE(later.size(), 6U) << dump(later);
  std::uint64_t left_out = 0;
  for (const json& line : later)
    left_out += line.value("left_out", std::uint64_t{0});
  EXPECT_GT(left_out, 20U) << dump(later);
}

TEST(redis_log, quotes_a_redis_that_has_no_place_for_a_further_client) {
  const redis_process redis{{.arguments = {"--maxclients", "4"}}};
  const server_process server = serve_with_workers("16", redis.url());
  ASSERT_TRUE(becomes_ready(server));
  ASSERT_TRUE(comes_to_say(server, "/degraded", "ERR max number of clients reached"));
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(server.operations("/degraded").body,
                AllOf(HasSubstr("ERR max number of clients reached"), Not(HasSubstr("roken pipe")),
                      Not(HasSubstr("reset by peer"))));
    std::this_thread::sleep_for(10ms);
  }
}

// ---- a Redis that refuses

/// How many refusals of a kind are on the page.
double refusals(const server_process& server, const std::string& kind) {
  return server.metric("turnomatic_store_refusals_total{kind=\"" + kind + "\"}");
}

/// Waits until none of it stands any more.
bool becomes_well(const server_process& server) {
  return support::eventually(
      [&] {
        (void)server.get("/turno/again");
        return server.operations("/degraded").body == "[]";
      },
      15s);
}

TEST(redis_refusals, are_seen_everywhere_where_redis_is_full) {
  redis_process redis{{.append_only = true}};
  server_process server = serve(redis.url());
  ASSERT_TRUE(becomes_ready(server));
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(server.get("/turno/a").status, 507);
  EXPECT_TRUE(comes_to_say(server, "/degraded", "\"store_full\""));
  EXPECT_THAT(server.operations("/degraded").body,
              HasSubstr("OOM command not allowed when used memory > 'maxmemory'"));
  const auto health = server.operations("/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(json::parse(health.body)["status"], "warn");
  EXPECT_EQ(json::parse(health.body)["checks"]["store:refusals"][0]["observedValue"], 1.0);
  EXPECT_EQ(server.operations("/readyz").status, 200) << "the next instance shares the store";
  EXPECT_GE(refusals(server, "full"), 50);
  const std::string log = dump(lines_within(server, 500ms));
  EXPECT_THAT(log, HasSubstr("\"said\":\"OOM command not allowed"));
  EXPECT_EQ(log.find("the store refuses"), log.rfind("the store refuses")) << log;
  redis.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(becomes_well(server));
}

TEST(redis_refusals, are_seen_where_redis_misses_its_replicas) {
  redis_process redis{{.append_only = true}};
  const server_process server =
      serve(redis.url(), {"--breaker-open-min", "500ms", "--request-deadline", "200ms"});
  ASSERT_TRUE(becomes_ready(server));
  redis.command({"CONFIG", "SET", "min-replicas-to-write", "1"});
  EXPECT_TRUE(support::eventually([&] {
    EXPECT_EQ(server.get("/turno/a").status, 503);
    const std::string body = server.operations("/degraded").body;
    return body.find("\"store_noreplicas\"") != std::string::npos &&
           body.find("\"circuit_breaker_open\"") != std::string::npos;
  }));
  EXPECT_THAT(
      server.operations("/degraded").body,
      AllOf(HasSubstr("NOREPLICAS Not enough good replicas"),
            HasSubstr(", now by consecutive_failures: "), Not(HasSubstr(": 0 of 0 calls failed"))));
  EXPECT_GT(refusals(server, "noreplicas"), 0);
  redis.command({"CONFIG", "SET", "min-replicas-to-write", "0"});
  EXPECT_TRUE(becomes_well(server));
}

TEST(redis_refusals, are_seen_where_redis_is_busy) {
  redis_process redis{{.append_only = true, .arguments = {"--busy-reply-threshold", "10"}}};
  const server_process server = serve(redis.url());
  ASSERT_TRUE(becomes_ready(server));
  support::redis_client script = redis.connect();
  script.send({"EVAL", "while true do end", "0"});
  EXPECT_TRUE(support::eventually([&] {
    (void)server.get("/turno/a");
    return server.operations("/degraded").body.find("\"store_busy\"") != std::string::npos;
  }));
  EXPECT_THAT(server.operations("/degraded").body,
              AllOf(HasSubstr("BUSY "), HasSubstr("is busy running a script")));
  EXPECT_GT(refusals(server, "busy"), 0);
  redis.command({"SCRIPT", "KILL"});
  EXPECT_TRUE(becomes_well(server));
}

TEST(redis_refusals, are_seen_where_redis_does_not_know_the_login) {
  const redis_process redis{{.password = "secret"}};
  const server_process server = serve("redis://:wrong@127.0.0.1:" + std::to_string(redis.port()));
  EXPECT_TRUE(comes_to_say(server, "/degraded", "\"store_auth\""));
  EXPECT_THAT(server.operations("/degraded").body, HasSubstr("WRONGPASS"));
  EXPECT_GT(refusals(server, "auth"), 0);
}

class redis_tls_log : public testing::Test {
 protected:
  /// What /degraded says of a Redis with such a certificate.
  [[nodiscard]] std::string trouble_with(const support::server_names& names, support::validity when,
                                         support::certificate_authority& trusted) {
    const redis_process redis{{.tls = {{.server = ours.issue_server(names, when),
                                        .authority = ours.certificate(),
                                        .ask = redis_options::client_certificates::no}}}};
    const server_process server =
        serve(redis.url(),
              {"--redis-tls-ca-file", directory.write("trusted.crt", trusted.certificate())});
    EXPECT_TRUE(comes_to_say(server, "/degraded", "TLS handshake with "));
    return server.operations("/degraded").body;
  }

  const support::server_names here{.addresses = {"127.0.0.1"}};
  const support::server_names elsewhere{.dns = {"redis.example"}};
  const support::temporary_directory directory;
  support::certificate_authority ours;
  support::certificate_authority others{"Somebody else"};
};

TEST_F(redis_tls_log, tells_an_unknown_authority_from_a_wrong_name_and_from_one_that_has_expired) {
  using support::validity;
  EXPECT_THAT(trouble_with(here, validity::current, others),
              HasSubstr("self-signed certificate in certificate chain"));
  EXPECT_THAT(trouble_with(elsewhere, validity::current, ours), HasSubstr("hostname mismatch"));
  EXPECT_THAT(trouble_with(here, validity::expired, ours), HasSubstr("certificate has expired"));
}

}  // namespace
}  // namespace turnomatic::integration
