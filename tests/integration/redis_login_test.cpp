// How the service reaches its Redis: by address, name or unix socket, with a login, over TLS; and
// whom it does not trust.
#include "integration/proven_load.hpp"
#include "support/eventually.hpp"
#include "support/redis_process.hpp"
#include "support/server_process.hpp"

#include <gtest/gtest.h>
#include <netdb.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::certificate_authority;
using support::redis_options;
using support::redis_process;
using support::server_process;
using ask = redis_options::client_certificates;

server_process serve(const std::string& url, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"--backend", "redis", "--redis-url",   url,
                                     "--workers", "1",     "--drain-delay", "0ms"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return server_process{std::move(arguments)};
}

bool counts(const server_process& server) {
  return support::eventually([&] { return server.get("/turno/a").status == 200; });
}

// After some attempts, each of which was refused.
testing::AssertionResult is_turned_away(const server_process& server, const std::string& because) {
  const bool refused =
      server.metric_becomes("turnomatic_store_lanes{state=\"counting\"}", 0) &&
      support::eventually([&] {
        return server.metric("turnomatic_store_call_failures_total{reason=\"connect\"}") >= 2;
      }) &&
      server.get("/turno/a").status == 503;
  const std::string health = server.operations("/health").body;
  if (refused && health.find(because) != std::string::npos)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << health;
}

TEST(redis_login, comes_by_unix_socket) {
  redis_process redis{{.tcp = false}};
  EXPECT_TRUE(counts(serve(redis.url())));
}

TEST(redis_login, comes_by_name) {
  addrinfo* found = nullptr;
  if (::getaddrinfo("localhost", nullptr, nullptr, &found) != 0)
    GTEST_SKIP() << "this host does not know localhost";
  ::freeaddrinfo(found);
  redis_process redis;
  EXPECT_TRUE(counts(serve("redis://localhost:" + std::to_string(redis.port()))));
}

TEST(redis_login, logs_in_as_a_user_and_chooses_a_database) {
  redis_process redis{{.user = redis_options::account{.name = "clerk", .password = "a b\"@c"}}};
  EXPECT_TRUE(counts(serve(redis.url() + "/3", {"--redis-prefix", "shop"})));
  auto client = redis.connect();
  client.command({"SELECT", "3"});
  EXPECT_EQ(client.command({"HGET", "shop:{0}:turns", "a"}), support::redis_reply::bulk("1"));
  EXPECT_EQ(redis.command({"DBSIZE"}), support::redis_reply::integer(0));
}

TEST(redis_login, takes_the_password_from_a_file) {
  redis_process redis{{.password = "from a file"}};
  const support::temporary_directory directory;
  const std::string file = directory.write("password", "from a file\n");
  EXPECT_TRUE(counts(
      serve("redis://127.0.0.1:" + std::to_string(redis.port()), {"--redis-password-file", file})));
  EXPECT_TRUE(is_turned_away(
      serve("redis://127.0.0.1:" + std::to_string(redis.port()), {"--request-deadline", "100ms"}),
      "NOAUTH"));
}

TEST(redis_login, tells_redis_which_worker_of_which_process_it_is) {
  redis_process redis;
  server_process server = serve(redis.url());
  ASSERT_TRUE(counts(server));
  const std::string expected = "-" + std::to_string(server.process().pid()) + "-0 ";
  const std::string clients = redis.command({"CLIENT", "LIST"}).text;
  EXPECT_NE(clients.find("name=turnomatic-"), std::string::npos) << clients;
  EXPECT_NE(clients.find(expected), std::string::npos) << clients;
}

TEST(redis_login, does_not_count_where_counters_could_be_evicted) {
  redis_process redis{{.arguments = {"--maxmemory-policy", "allkeys-lru"}}};
  const server_process server = serve(redis.url());
  EXPECT_TRUE(is_turned_away(server, "maxmemory-policy is allkeys-lru"));
  redis.command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  EXPECT_TRUE(counts(server));
}

// ---- servers of another kind, with and without what is said to them before INFO

using server_kind = redis_options::server_kind;

class other_server : public testing::TestWithParam<std::pair<server_kind, std::string>> {};

INSTANTIATE_TEST_SUITE_P(
    kinds, other_server,
    testing::Values(std::pair{server_kind::sentinel, "this server is a Sentinel"},
                    std::pair{server_kind::cluster_node, "(cluster_enabled:1)"}),
    [](const auto& row) { return row.index == 0 ? "sentinel" : "cluster_node"; });

TEST_P(other_server, is_turned_away_as_what_it_is) {
  const auto& [kind, because] = GetParam();
  const redis_process redis{{.kind = kind}};
  const support::temporary_directory directory;
  const std::string file = directory.write("password", "of the primary\n");
  EXPECT_TRUE(is_turned_away(serve(redis.url()), because));
  EXPECT_TRUE(is_turned_away(serve(redis.url() + "/1"), because));
  EXPECT_TRUE(is_turned_away(serve(redis.url(), {"--redis-password-file", file}), because));
}

TEST(redis_login, says_which_database_is_not_there) {
  const redis_process redis{{.arguments = {"--databases", "2"}}};
  EXPECT_TRUE(counts(serve(redis.url() + "/1")));
  EXPECT_TRUE(is_turned_away(serve(redis.url() + "/2"), "ERR DB index is out of range"));
}

TEST(redis_login, needs_no_right_but_those_that_the_documents_name) {
  redis_process redis{{.user = redis_options::account{
                           .name = "clerk",
                           .password = "p",
                           .rules = "~turnomatic:* +evalsha +script|load +get +set +exists +hget "
                                    "+hmget +hset +hdel +hgetall +hincrby +pexpire +time +info "
                                    "+ping +select"}}};
  EXPECT_TRUE(counts(serve(redis.url())));
}

class redis_over_tls : public testing::Test {
 protected:
  [[nodiscard]] redis_options options(ask certificates, const support::server_names& names,
                                      support::validity when = support::validity::current) {
    return {.tls = {{.server = ours.issue_server(names, when),
                     .authority = ours.certificate(),
                     .ask = certificates}}};
  }
  [[nodiscard]] std::vector<std::string> trusting(const certificate_authority& whom) const {
    return {"--redis-tls-ca-file", directory.write("trusted.crt", whom.certificate())};
  }

  const support::server_names here{.dns = {"localhost"}, .addresses = {"127.0.0.1"}};
  const support::temporary_directory directory;
  certificate_authority ours;
  certificate_authority others{"Somebody else"};
};

TEST_F(redis_over_tls, is_counted_on_under_a_proven_load) {
  redis_process redis{options(ask::no, here)};
  const server_process server = serve(redis.url(), trusting(ours));
  ASSERT_TRUE(counts(server));
  const load_result found = load_while({.servers = {&server}}, [&] {
    for (int i = 0; i < 5; ++i) {
      redis.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
      std::this_thread::sleep_for(100ms);
    }
  });
  expect_proven(found);
  EXPECT_EQ(found.run.proof.missing, 0U);
}

TEST_F(redis_over_tls, shows_a_certificate_of_its_own_if_it_is_asked) {
  redis_process redis{options(ask::yes, here)};
  const auto files = support::write_identity(ours.issue_client("turnomatic"), directory, "client");
  auto flags = trusting(ours);
  // With TLS 1.3 the refusal comes behind the handshake, as an alert or, if that is late, a reset.
  EXPECT_TRUE(is_turned_away(serve(redis.url(), flags), "connected to Redis: "));
  flags.insert(flags.end(),
               {"--redis-tls-cert-file", files.certificate, "--redis-tls-key-file", files.key});
  EXPECT_TRUE(counts(serve(redis.url(), flags)));
}

TEST_F(redis_over_tls, is_not_trusted_under_another_authority) {
  redis_process redis{options(ask::no, here)};
  EXPECT_TRUE(is_turned_away(serve(redis.url(), trusting(others)), "certificate verify failed"));
}

TEST_F(redis_over_tls, is_not_trusted_when_its_certificate_has_expired) {
  redis_process redis{options(ask::no, here, support::validity::expired)};
  EXPECT_TRUE(is_turned_away(serve(redis.url(), trusting(ours)), "certificate verify failed"));
}

TEST_F(redis_over_tls, is_trusted_only_under_a_name_that_its_certificate_has) {
  redis_process redis{options(ask::no, {.dns = {"redis.example"}})};
  auto flags = trusting(ours);
  EXPECT_TRUE(is_turned_away(serve(redis.url(), flags), "certificate verify failed"));
  flags.insert(flags.end(), {"--redis-tls-server-name", "redis.example"});
  EXPECT_TRUE(counts(serve(redis.url(), flags)));
}

TEST_F(redis_over_tls, says_which_file_cannot_be_used) {
  redis_process redis{options(ask::no, here)};
  EXPECT_THROW(serve(redis.url(), {"--redis-tls-ca-file", "/nonexistent.pem"}), std::runtime_error);
}

}  // namespace
}  // namespace turnomatic::integration
