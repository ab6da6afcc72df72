// What the configuration names besides its keys, at the start, in --check-config and on SIGHUP.
#include "support/certificates.hpp"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
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
                              "\": cannot read the file: No such file or directory\n"));
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

  directory_.write("a.toml", "# no token_file\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(becomes(server, "new", 404)) << "switched off";
  directory_.write("token", "third\n");
  directory_.write("a.toml", "[admin]\ntoken_file = \"" + token + "\"\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(becomes(server, "third", 200)) << "and on again";
}

TEST_F(named_files, of_redis_whose_content_has_changed_are_named) {
  const std::string password = directory_.write("password", "old\n");
  auto arguments = over_tls(ca_, client_.certificate, client_.key);
  arguments.insert(arguments.end(), {"--redis-password-file", password, "--workers", "1"});
  server_process server{arguments};
  directory_.write("password", "new\n");
  const identity renewed = authority_.issue_client("us");
  directory_.write("client.crt", renewed.certificate);
  directory_.write("client.key", renewed.key);
  server.process().signal(SIGHUP);
  // In one line or in several: each attempt to connect reads them as well.
  std::string named;
  const bool found = eventually([&] {
    const std::string said = server.process().read_line(10s).value_or("");
    if (said.find("files of Redis have changed") != std::string::npos)
      named += said;
    return named.find("redis.password_file") != std::string::npos &&
           named.find("redis.tls_cert_file,redis.tls_key_file") != std::string::npos;
  });
  EXPECT_TRUE(found) << named;
}

/// Has the program started by a shell that adds `words`, such as <(...), to its arguments.
child_process::options with_shell_words(const std::string& words) {
  return {.wrapper = {"/bin/bash", "-c", "exec \"$@\" " + words, "bash"}};
}

/// The line of the log that tells of the reload.
std::string outcome_of_reload(server_process& server) {
  server.process().signal(SIGHUP);
  std::string said;
  EXPECT_TRUE(eventually([&] {
    said = server.process().read_line(10s).value_or("");
    return said.find("configuration re") != std::string::npos;
  }));
  return said;
}

constexpr const char* not_regular = "not a regular file; no other is read a second time";

TEST_F(named_files, may_be_pipes_at_the_start) {
  server_process server{{}, with_shell_words("--admin-token-file <(echo secret)")};
  EXPECT_EQ(status_with(server, "secret"), 200);
  const std::string said = outcome_of_reload(server);
  EXPECT_THAT(said, HasSubstr("configuration rejected"));
  EXPECT_THAT(said, HasSubstr("admin.token_file"));
  EXPECT_THAT(said, HasSubstr(not_regular));
  EXPECT_EQ(status_with(server, "secret"), 200);
}

TEST_F(named_files, for_redis_may_be_pipes_at_the_start) {
  server_process server{
      {"--backend", "redis", "--redis-url", "rediss://127.0.0.1:1", "--workers", "1"},
      with_shell_words("--redis-password-file <(echo p) --redis-tls-ca-file <(cat " + ca_ +
                       ") --redis-tls-cert-file <(cat " + client_.certificate +
                       ") --redis-tls-key-file <(cat " + client_.key + ")")};
  EXPECT_EQ(server.operations("/livez").status, 200);
}

TEST_F(named_files, that_nobody_writes_are_waited_for_so_long_and_named) {
  const std::string pipe = directory_.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto [code, said] = run({"--admin-token-file", pipe});
  EXPECT_EQ(code, EX_UNAVAILABLE);
  EXPECT_EQ(said, "flag --admin-token-file: admin.token_file = \"" + pipe +
                      "\": cannot read the file: its end did not come within 10 s\n");
}

TEST_F(named_files, without_an_end_are_refused_by_their_size) {
  EXPECT_THAT(run({"--admin-token-file", "/dev/zero"}).said,
              HasSubstr("admin.token_file = \"/dev/zero\": the token is longer than 512 bytes"));
  EXPECT_THAT(run(over_tls("/dev/zero", client_.certificate, client_.key)).said,
              HasSubstr("redis.tls_ca_file = \"/dev/zero\": more than 4194304 bytes"));
}

// A key under a password, such as `openssl genpkey -aes-128-cbc` makes.
constexpr const char* locked_key =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiVhs2qLeOUXwICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEGAi6OiVKTA35i28+a7UYT0EgZDb\n"
    "awHQ1tCNaggfDqxmM58jYTTjCvFxhPqeRNP5qzZSdIzH2n+FB4cGANWFCsmHQtF/\n"
    "Fbg0lweERQJ9Y5IZf5G2DHfyGDqbKUTvjwDGa1mViAyL2Kt/AAb3L2HxwSKsT7jg\n"
    "6R5HOlLk8L1sqr0J4KIVWQBQiPPZybnGgOABz24c+T/GXEJYiEzgzGBSctuDcYU=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

// Nobody may be there to answer, and a reload would wait on the thread that hears of signals.
TEST_F(named_files, under_a_password_are_refused_and_not_asked_for_at_the_terminal) {
  std::string command = server_path() + " --check-config";
  for (const std::string& word :
       over_tls(ca_, client_.certificate, directory_.write("locked.key", locked_key)))
    command += ' ' + word;
  const std::string shown = directory_.write("shown", "");
  child_process terminal{
      {.arguments = {"/usr/bin/script", "-qec", command, "/dev/null"}, .output_file = shown}};
  const auto ending = terminal.wait(20s);
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, EX_UNAVAILABLE);
  std::ostringstream text;
  text << std::ifstream{shown}.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("redis.tls_key_file"));
  EXPECT_THAT(text.str(), testing::Not(HasSubstr("pass phrase")));
}

// The thread that reads is the one that hears of signals.
TEST_F(named_files, that_have_become_pipes_hold_up_neither_a_reload_nor_a_drain) {
  const std::string token = directory_.write("token", "t\n");
  const std::string file = directory_.write("a.toml", "[http]\nidle_timeout = \"9s\"\n");
  server_process server{{"--config", file, "--admin-token-file", token, "--drain-delay", "0ms"}};
  for (const std::string& path : {file, token}) {
    ASSERT_EQ(::unlink(path.c_str()), 0);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_THAT(outcome_of_reload(server), HasSubstr(not_regular));
    ASSERT_EQ(::unlink(path.c_str()), 0);
    directory_.write("a.toml", "[http]\nidle_timeout = \"9s\"\n");
  }
  ASSERT_EQ(::mkfifo(token.c_str(), 0600), 0);
  server.process().signal(SIGHUP);
  server.process().signal(SIGTERM);
  const auto ending = server.process().wait(10s);
  EXPECT_TRUE(ending && ending->exited && ending->code == EX_OK);
}

TEST(configuration_file, that_can_be_read_only_once_keeps_its_values_on_sighup) {
  server_process server{
      {}, with_shell_words("--config <(printf 'http.max_connections_per_address=7\n')")};
  EXPECT_THAT(outcome_of_reload(server), HasSubstr(not_regular));
  EXPECT_TRUE(server.metric_becomes("turnomatic_config_reloads_total{result=\"rejected\"}", 1));
}

TEST(configuration_file, that_has_become_empty_keeps_its_values_on_sighup) {
  const temporary_directory directory;
  const std::string file = directory.write("a.toml", "[http]\nidle_timeout = \"9s\"\n");
  server_process server{{"--config", file}};
  directory.write("a.toml", "");
  EXPECT_THAT(outcome_of_reload(server), HasSubstr("the file is empty and was not before"));
}

}  // namespace
}  // namespace turnomatic::support
