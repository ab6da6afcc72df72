// What the configuration names besides its keys, at the start, in --check-config and on SIGHUP.
#include "support/certificates.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sysexits.h>

#include <csignal>
#include <string>
#include <vector>

namespace turnomatic::support {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

struct outcome {
  int code;
  std::string said;
};

outcome run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), server_path());
  child_process process{{.arguments = std::move(arguments)}};
  const std::string said = process.read_rest(20s);
  const auto ending = process.wait(20s);
  return {ending && ending->exited ? ending->code : -1, said};
}

outcome check(std::vector<std::string> arguments) {
  arguments.emplace_back("--check-config");
  return run(std::move(arguments));
}

class named_files : public testing::Test {
 protected:
  named_files()
      : client_{write_identity(authority_.issue_client("us"), directory_, "client")},
        other_{write_identity(authority_.issue_client("other"), directory_, "other")},
        ca_{directory_.write("ca.crt", authority_.certificate())} {}

  std::vector<std::string> over_tls(const std::string& ca, const std::string& certificate,
                                    const std::string& key) {
    return {"--backend",
            "redis",
            "--redis-url",
            "rediss://127.0.0.1:1",
            "--redis-tls-ca-file",
            ca,
            "--redis-tls-cert-file",
            certificate,
            "--redis-tls-key-file",
            key};
  }

  const temporary_directory directory_;
  certificate_authority authority_;
  const identity_files client_;
  const identity_files other_;
  const std::string ca_;
};

TEST_F(named_files, that_can_be_used_pass_the_check) {
  auto arguments = over_tls(ca_, client_.certificate, client_.key);
  arguments.insert(arguments.end(),
                   {"--admin-token-file", directory_.write("token", "t\n"), "--redis-password-file",
                    directory_.write("password", "p\n"), "--listen", "localhost:0", "--listen",
                    "unix:" + directory_.file("a.sock")});
  const auto [code, said] = check(arguments);
  EXPECT_EQ(code, EX_OK);
  EXPECT_EQ(said, "");
}

TEST_F(named_files, that_cannot_be_used_are_all_reported_with_their_keys) {
  const std::string missing = directory_.file("missing");
  const std::string empty = directory_.write("empty", "\n");
  auto arguments = over_tls(empty, client_.certificate, other_.key);
  arguments.insert(arguments.end(),
                   {"--admin-token-file", missing, "--redis-password-file", empty});
  const auto [code, said] = check(arguments);
  EXPECT_EQ(code, EX_UNAVAILABLE);
  EXPECT_THAT(said, HasSubstr("flag --admin-token-file: admin.token_file = \"" + missing +
                              "\": cannot read the token: No such file or directory\n"));
  EXPECT_THAT(said, HasSubstr("flag --redis-password-file: redis.password_file = \"" + empty +
                              "\": no password in its first line\n"));
  EXPECT_THAT(said, HasSubstr("flag --redis-tls-ca-file: redis.tls_ca_file = \"" + empty + "\": "));
  EXPECT_THAT(said, HasSubstr("flag --redis-tls-key-file: redis.tls_key_file = \"" + other_.key +
                              "\": cannot use the file: key values mismatch"));
  EXPECT_EQ(run(arguments).said, said) << "a start says the same";
}

TEST_F(named_files, that_this_configuration_does_not_read_are_not_looked_at) {
  const std::string missing = directory_.file("missing");
  EXPECT_EQ(check({"--redis-password-file", missing, "--redis-tls-ca-file", missing}).code, EX_OK);
}

TEST_F(named_files, of_unix_sockets_need_a_directory_and_no_other_file) {
  const std::string precious = directory_.write("precious", "x");
  const auto [code, said] = check(
      {"--listen", "unix:" + directory_.file("no/such.sock"), "--listen", "unix:" + precious});
  EXPECT_EQ(code, EX_UNAVAILABLE);
  EXPECT_THAT(said, HasSubstr("its directory: No such file or directory"));
  EXPECT_THAT(said, HasSubstr("\"unix:" + precious + "\": the file exists and is not a socket"));
}

TEST(named_addresses, that_this_machine_does_not_have_fail_the_check) {
  const auto [code, said] =
      check({"--listen", "192.0.2.1:7017", "--ops-listen", "no-host.invalid"});
  EXPECT_EQ(code, EX_UNAVAILABLE);
  EXPECT_THAT(said, HasSubstr("flag --listen: listen = \"192.0.2.1:7017\": Cannot assign"));
  EXPECT_THAT(said, HasSubstr("flag --ops-listen: ops_listen = \"no-host.invalid:7018\": "));
}

TEST(named_addresses, that_include_each_other_are_a_configuration_error) {
  EXPECT_EQ(check({"--listen", "0.0.0.0:7017", "--listen", "127.0.0.1:7017"}).code, EX_USAGE);
  EXPECT_EQ(check({"--listen", "0.0.0.0:7018"}).code, EX_CONFIG);
}

TEST(named_addresses, that_another_instance_serves_pass_the_check) {
  const server_process running;
  EXPECT_EQ(check({"--listen", "127.0.0.1:" + std::to_string(running.port())}).code, EX_OK);
}

/// The status of a request with that token.
int status_with(const server_process& server, const std::string& token) {
  tcp_client client{server.operations_port()};
  client.send("GET /admin/counters HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + token +
              "\r\n\r\n");
  const auto read = client.read_answers(1).answers;
  return read.empty() ? 0 : read.front().status;
}

bool becomes(const server_process& server, const std::string& token, int status) {
  return eventually([&] { return status_with(server, token) == status; });
}

TEST_F(named_files, with_the_token_are_read_again_on_sighup) {
  const std::string token = directory_.write("token", "old\n");
  const std::string file = directory_.write("a.toml", "[admin]\ntoken_file = \"" + token + "\"\n");
  server_process server{{"--config", file}};
  EXPECT_EQ(status_with(server, "old"), 200);
  directory_.write("token", "new\n");
  EXPECT_EQ(status_with(server, "new"), 401);
  server.process().signal(SIGHUP);
  EXPECT_TRUE(becomes(server, "new", 200));
  EXPECT_EQ(status_with(server, "old"), 401);

  directory_.write("token", "\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(server.metric_becomes("turnomatic_config_reloads_total{result=\"rejected\"}", 1));
  EXPECT_EQ(status_with(server, "new"), 200);

  directory_.write("a.toml", "");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(becomes(server, "new", 404)) << "switched off";
  directory_.write("token", "third\n");
  directory_.write("a.toml", "[admin]\ntoken_file = \"" + token + "\"\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(becomes(server, "third", 200)) << "and on again";
}

TEST_F(named_files, of_redis_whose_content_has_changed_are_named_on_sighup) {
  const std::string password = directory_.write("password", "old\n");
  auto arguments = over_tls(ca_, client_.certificate, client_.key);
  arguments.insert(arguments.end(), {"--redis-password-file", password, "--workers", "1"});
  server_process server{arguments};
  directory_.write("password", "new\n");
  const identity renewed = authority_.issue_client("us");
  directory_.write("client.crt", renewed.certificate);
  directory_.write("client.key", renewed.key);
  std::string said;
  server.process().signal(SIGHUP);
  const bool found = eventually([&] {
    said = server.process().read_line(10s).value_or("");
    return said.find("files have changed") != std::string::npos;
  });
  EXPECT_TRUE(found);
  EXPECT_THAT(said, HasSubstr("redis.password_file,redis.tls_cert_file,redis.tls_key_file"));
}

}  // namespace
}  // namespace turnomatic::support
