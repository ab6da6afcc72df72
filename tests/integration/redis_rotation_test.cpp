// Passwords and certificates are exchanged while the service runs: no restart, no signal, no
// outage.
#include "integration/redis_service.hpp"
#include "support/redis_process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace turnomatic::integration {
namespace {

using support::certificate_authority;
using support::redis_options;
using support::redis_process;
using support::server_process;
using testing::HasSubstr;

// Both: one that is still logging in when its connection is cut has failed to connect.
const std::string connected = "turnomatic_store_lanes{state=\"counting\"}";
constexpr double workers = 2;
const std::string lost = "turnomatic_store_call_failures_total{reason=\"lost\"}";
const std::string refused = "turnomatic_store_call_failures_total{reason=\"connect\"}";

/// Cuts the connections of the service, and has a turn taken over the next ones.
void expect_turns_over_new_connections(redis_process& redis, const server_process& server) {
  const double before = server.metric(lost);
  redis.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_TRUE(support::eventually([&] { return server.metric(lost) > before; }));
  EXPECT_EQ(server.get("/turno/a").status, 200);
  EXPECT_EQ(server.metric(refused), 0) << server.operations("/health").body;
}

class redis_rotation : public testing::Test {
 protected:
  [[nodiscard]] server_process serve(const std::string& url, std::vector<std::string> more) const {
    more.insert(more.end(), {"--request-deadline", "5s"});
    return integration::serve(url, std::move(more));
  }

  const support::temporary_directory directory;
};

class redis_password : public redis_rotation {
 protected:
  redis_process redis{{.append_only = true,
                       .user = redis_options::account{.name = "clerk", .password = "old"}}};
  const std::string file = directory.write("password", "old\n");
  server_process server = serve("redis://clerk@127.0.0.1:" + std::to_string(redis.port()),
                                {"--redis-password-file", file});
};

TEST_F(redis_password, is_read_again_for_each_connection) {
  ASSERT_TRUE(server.metric_becomes(connected, workers));
  directory.write("password", "new\n");
  redis.command({"ACL", "SETUSER", "clerk", "resetpass", ">new"});
  expect_turns_over_new_connections(redis, server);
}

TEST_F(redis_password, of_before_stays_in_use_where_the_file_cannot_be_read) {
  ASSERT_TRUE(server.metric_becomes(connected, workers));
  std::filesystem::remove(file);
  expect_turns_over_new_connections(redis, server);
  EXPECT_TRUE(comes_to_say(server, "/degraded", "store_files_unusable"));
  EXPECT_THAT(server.operations("/degraded").body, HasSubstr("No such file or directory"));
  directory.write("password", "old\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(support::eventually([&] { return server.operations("/degraded").body == "[]"; }))
      << server.operations("/degraded").body;
}

TEST_F(redis_rotation, of_all_certificates_is_followed) {
  const support::server_names names{.addresses = {"127.0.0.1"}};
  certificate_authority ours;
  certificate_authority others{"The next authority"};
  const auto write_as = [&](certificate_authority& whom) {
    (void)directory.write("ca.crt", whom.certificate());
    return support::write_identity(whom.issue_client("turnomatic"), directory, "client");
  };
  redis_process redis{{.tls = {{.server = ours.issue_server(names),
                                .authority = ours.certificate(),
                                .ask = redis_options::client_certificates::yes}}}};
  const auto client = write_as(ours);
  const server_process server =
      serve(redis.url(), {"--redis-tls-ca-file", directory.file("ca.crt"), "--redis-tls-cert-file",
                          client.certificate, "--redis-tls-key-file", client.key});
  ASSERT_TRUE(server.metric_becomes(connected, workers));

  write_as(others);
  const auto next = support::write_identity(others.issue_server(names), directory, "server");
  const auto answer =
      redis.command({"CONFIG", "SET", "tls-cert-file", next.certificate, "tls-key-file", next.key,
                     "tls-ca-cert-file", directory.file("ca.crt")});
  ASSERT_EQ(answer, support::redis_reply::simple("OK")) << answer.text;
  expect_turns_over_new_connections(redis, server);
}

}  // namespace
}  // namespace turnomatic::integration
