// Redis over TLS, asked by redis-cli: who is let in and who is believed.
#include "support/redis_process.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;
using ask = redis_options::client_certificates;

constexpr const char* program = "/usr/bin/redis-cli";

// Sees to it that redis-cli, as these flags make it, does or does not get a command through.
class redis_over_tls : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(program))
      GTEST_SKIP() << "redis-cli is not installed";
  }

  [[nodiscard]] redis_options options(ask certificates, validity server = validity::current) {
    return {.tls = {{.server = ours.issue_server(names, server),
                     .authority = ours.certificate(),
                     .ask = certificates}}};
  }

  [[nodiscard]] std::vector<std::string> trusting(const certificate_authority& whom) const {
    return {"--cacert", directory.write("trusted.crt", whom.certificate())};
  }

  [[nodiscard]] std::vector<std::string> trusting_us_as(const identity& client) const {
    std::vector<std::string> flags = trusting(ours);
    const identity_files files = write_identity(client, directory, "client");
    flags.insert(flags.end(), {"--cert", files.certificate, "--key", files.key});
    return flags;
  }

  static bool gets_through(redis_process& redis, const std::vector<std::string>& flags) {
    std::vector<std::string> arguments{program, "--tls", "-h", "127.0.0.1", "-p"};
    arguments.push_back(std::to_string(redis.port()));
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.insert(arguments.end(), {"SET", "sent", "yes"});
    redis.command({"DEL", "sent"});
    child_process client{{.arguments = std::move(arguments)}};
    EXPECT_TRUE(client.wait(30s)) << "redis-cli does not end";
    return redis.command({"GET", "sent"}) == redis_reply::bulk("yes");
  }

  const server_names names{.addresses = {"127.0.0.1"}};
  const temporary_directory directory;
  certificate_authority ours;
  certificate_authority others;
};

TEST_F(redis_over_tls, believes_clients_with_a_certificate_of_its_authority_only) {
  redis_process redis{options(ask::yes)};
  EXPECT_TRUE(redis.url().starts_with("rediss://127.0.0.1:"));
  EXPECT_TRUE(gets_through(redis, trusting_us_as(ours.issue_client("a"))));
  EXPECT_FALSE(gets_through(redis, trusting(ours)));
  EXPECT_FALSE(gets_through(redis, trusting_us_as(others.issue_client("a"))));
  EXPECT_FALSE(gets_through(redis, trusting_us_as(ours.issue_client("a", validity::expired))));
}

TEST_F(redis_over_tls, believes_anybody_if_it_does_not_ask) {
  redis_process redis{options(ask::no)};
  EXPECT_TRUE(gets_through(redis, trusting(ours)));
}

TEST_F(redis_over_tls, looks_at_an_optional_certificate_if_there_is_one) {
  redis_process redis{options(ask::optional)};
  EXPECT_TRUE(gets_through(redis, trusting(ours)));
  EXPECT_TRUE(gets_through(redis, trusting_us_as(ours.issue_client("a"))));
  EXPECT_FALSE(gets_through(redis, trusting_us_as(others.issue_client("a"))));
}

TEST_F(redis_over_tls, is_believed_by_those_who_trust_its_authority_only) {
  redis_process redis{options(ask::no)};
  EXPECT_FALSE(gets_through(redis, trusting(others)));
}

TEST_F(redis_over_tls, is_not_believed_with_a_certificate_that_has_expired) {
  redis_process redis{options(ask::no, validity::expired)};
  EXPECT_FALSE(gets_through(redis, trusting(ours)));
}

TEST_F(redis_over_tls, says_nothing_to_those_who_do_not_speak_it) {
  redis_process redis{options(ask::no)};
  EXPECT_THROW(redis_client{redis.port()}.command({"PING"}), std::runtime_error);
}

}  // namespace
}  // namespace turnomatic::support
