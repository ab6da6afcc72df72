// How the service logs in to sentinels, and whom of them it trusts.
#include "integration/redis_service.hpp"
#include "support/certificates.hpp"
#include "support/redis_process.hpp"
#include "support/sentinel_set.hpp"
#include "support/server_process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::certificate_authority;
using support::redis_options;
using support::sentinel_options;
using support::sentinel_set;
using support::server_process;
using testing::AllOf;
using testing::HasSubstr;
using ask = redis_options::client_certificates;

const std::string lanes_counting = "turnomatic_store_lanes{state=\"counting\"}";
constexpr double workers = 2;

bool counts(const server_process& server) {
  return server.metric_becomes(lanes_counting, workers);
}

// One sentinel is enough here.
sentinel_options one_sentinel() {
  return {.sentinels = 1, .replicas = 0};
}

/// With a user or password for the primary: LOGIN@.
std::string url_with(const sentinel_set& set, const std::string& login) {
  std::string url = set.url();
  return url.insert(url.find("://") + 3, login + '@');
}

class sentinel_login : public testing::Test {
 protected:
  const support::temporary_directory directory;
};

TEST_F(sentinel_login, is_another_than_that_of_the_primary) {
  sentinel_options how = one_sentinel();
  how.redis.password = "of the primary";
  how.sentinel.password = "of the sentinel";
  const sentinel_set set{how};
  const std::string url = url_with(set, ":of%20the%20primary");
  const std::string file = directory.write("password", "wrong\n");
  const server_process nobody = serve_alone(url);
  EXPECT_TRUE(comes_to_say(nobody, "/readyz",
                           "(NOAUTH Authentication required.); set "
                           "redis.sentinel_password_file"));
  const server_process server = serve_alone(url, {"--redis-sentinel-password-file", file});
  EXPECT_TRUE(comes_to_say(server, "/readyz", "(WRONGPASS "));
  EXPECT_THAT(server.operations("/readyz").body, HasSubstr("; correct redis.sentinel_user and"));
  // It is read again for each connection: no restart, no signal.
  directory.write("password", "of the sentinel\n");
  EXPECT_TRUE(counts(server));
}

TEST_F(sentinel_login, is_refused_by_sentinels_that_have_no_password) {
  const sentinel_set set{one_sentinel()};
  const std::string file = directory.write("password", "p\n");
  const server_process server = serve_alone(set.url(), {"--redis-sentinel-password-file", file});
  EXPECT_TRUE(comes_to_say(server, "/readyz", "leave redis.sentinel_password_file empty"));
}

/// The rights of a user in Sentinel.
class sentinel_user : public sentinel_login {
 protected:
  [[nodiscard]] server_process serve_as(const std::string& rights) {
    sentinel_options how = one_sentinel();
    how.sentinel.user =
        redis_options::account{.name = "watchman", .password = "p", .rules = rights};
    set.emplace(how);
    return serve_alone(set->url(),
                       {"--redis-sentinel-user", "watchman", "--redis-sentinel-password-file",
                        directory.write("password", "p\n")});
  }

  std::optional<sentinel_set> set;
};

/// As docs/deployment/sentinel.md has them.
std::string documented_rights() {
  std::ostringstream page;
  page << std::ifstream{TURNOMATIC_SOURCE_DIR "/docs/deployment/sentinel.md"}.rdbuf();
  const std::string mark = "    user turnomatic on >PASSWORD ";
  const std::string text = page.str();
  const auto begin = text.find(mark);
  EXPECT_NE(begin, std::string::npos);
  return text.substr(begin + mark.size(), text.find('\n', begin) - begin - mark.size());
}

TEST_F(sentinel_user, needs_no_right_but_those_that_the_documents_name) {
  const server_process server = serve_as(documented_rights());
  EXPECT_TRUE(counts(server));
  EXPECT_TRUE(support::eventually([&] {
    const auto subscribers = set->sentinel(0).command({"CLIENT", "LIST", "TYPE", "pubsub"}).text;
    return subscribers.find("user=watchman") != std::string::npos;
  })) << "or nobody would hear of a failover";
}

TEST_F(sentinel_user, that_lacks_rights_is_told_which) {
  const server_process server = serve_as("+ping +subscribe");
  EXPECT_TRUE(comes_to_say(server, "/readyz", "(NOPERM "));
  std::istringstream rights{documented_rights()};
  for (std::string right; rights >> right;)
    EXPECT_THAT(server.operations("/readyz").body, HasSubstr(right));
}

// ---- TLS

class sentinels_over_tls : public testing::Test {
 protected:
  [[nodiscard]] redis_options::tls_settings identity_of(const support::server_names& names) {
    return {.server = ours.issue_server(names), .authority = ours.certificate(), .ask = ask::no};
  }
  [[nodiscard]] sentinel_options options(const support::server_names& of_sentinel,
                                         const support::server_names& of_redis) {
    sentinel_options how = one_sentinel();
    how.sentinel.tls = identity_of(of_sentinel);
    how.redis.tls = identity_of(of_redis);
    return how;
  }
  [[nodiscard]] std::vector<std::string> trusting(const certificate_authority& whom) const {
    return {"--redis-tls-ca-file", directory.write("trusted.crt", whom.certificate())};
  }

  const support::server_names here{.dns = {"localhost"}, .addresses = {"127.0.0.1"}};
  const support::server_names elsewhere{.dns = {"redis.example"}};
  const support::temporary_directory directory;
  certificate_authority ours;
  certificate_authority others{"Somebody else"};
};

TEST_F(sentinels_over_tls, are_trusted_under_the_authority_of_redis) {
  const sentinel_set set{options(here, here)};
  EXPECT_TRUE(set.url().starts_with("rediss+sentinel://"));
  EXPECT_TRUE(counts(serve_alone(set.url(), trusting(ours))));
  const server_process deceived = serve_alone(set.url(), trusting(others));
  EXPECT_TRUE(comes_to_say(deceived, "/readyz", "(TLS handshake with 127.0.0.1:"));
  EXPECT_THAT(deceived.operations("/readyz").body,
              AllOf(HasSubstr("certificate verify failed"),
                    HasSubstr("let redis.tls_ca_file hold the authority of the sentinels'")));
}

TEST_F(sentinels_over_tls, must_bear_their_own_host) {
  const sentinel_set set{options(elsewhere, here)};
  auto flags = trusting(ours);
  flags.insert(flags.end(), {"--redis-tls-server-name", "redis.example"});
  const server_process server = serve_alone(set.url(), flags);
  EXPECT_TRUE(comes_to_say(server, "/readyz", "hostname mismatch"))
      << "the configured name is that of Redis alone";
}

TEST_F(sentinels_over_tls, name_the_host_that_redis_must_bear_unless_one_is_configured) {
  const sentinel_set set{options(here, elsewhere)};
  auto flags = trusting(ours);
  EXPECT_TRUE(comes_to_say(serve_alone(set.url(), flags), "/readyz", "hostname mismatch"));
  flags.insert(flags.end(), {"--redis-tls-server-name", "redis.example"});
  EXPECT_TRUE(counts(serve_alone(set.url(), flags)));
}

TEST_F(sentinels_over_tls, and_those_without_are_told_apart) {
  const sentinel_set secure{options(here, here)};
  std::string url = secure.url();
  const server_process plain = serve_alone(url.replace(0, 6, "redis"));
  EXPECT_TRUE(comes_to_say(plain, "/readyz", "with TLS the URL begins with rediss+sentinel://"));
  const sentinel_set open{one_sentinel()};
  url = open.url();
  const server_process server = serve_alone(url.replace(0, 5, "rediss"), trusting(ours));
  EXPECT_TRUE(comes_to_say(server, "/readyz", "without TLS the URL begins with redis+sentinel://"));
}

}  // namespace
}  // namespace turnomatic::integration
