// How the service finds its Redis: several addresses of a name, and where it got no answer.
#include "integration/redis_service.hpp"
#include "support/redis_process.hpp"
#include "support/reserved_port.hpp"
#include "support/silent_address.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;
using support::redis_process;
using support::server_process;
using support::silent_address;

const std::string failures = "turnomatic_store_call_failures_total{reason=\"connect\"}";

server_process serve_by(const char* resolver, const std::string& addresses, const std::string& url,
                        const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"--backend", "redis", "--redis-url",   url,
                                     "--workers", "1",     "--drain-delay", "0ms"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return server_process{std::move(arguments),
                        {.environment = {{"LD_PRELOAD", resolver},
                                         {"ASAN_OPTIONS", "verify_asan_link_order=0"},
                                         {"SCRIPTED_RESOLVER_ADDRESSES", addresses}}}};
}

/// A name, and what it leads to.
class redis_address : public testing::Test {
 protected:
  void lead_to(const std::string& addresses) {
    // As a whole: the service may be about to read it.
    ASSERT_EQ(::rename(directory_.write("next", addresses).c_str(), file_.c_str()), 0);
  }
  [[nodiscard]] server_process serve_by_name(std::uint16_t port,
                                             const std::vector<std::string>& more = {}) const {
    return serve_by(TURNOMATIC_SCRIPTED_RESOLVER_PATH, file_,
                    "redis://store.example:" + std::to_string(port), more);
  }

 private:
  const support::temporary_directory directory_;
  const std::string file_{directory_.write("addresses", "")};
};

TEST_F(redis_address, is_found_behind_two_others_that_hang) {
  redis_process redis;
  const silent_address first{"127.0.0.2", redis.port()};
  const silent_address second{"127.0.0.3", redis.port()};
  lead_to("127.0.0.2\n127.0.0.3\n127.0.0.1\n");
  const server_process server = serve_by_name(redis.port(), {"--redis-connect-timeout", "900ms"});
  EXPECT_TRUE(becomes_ready(server));
  EXPECT_EQ(server.metric(failures), 0) << "within one attempt to connect";
  redis.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_TRUE(becomes_ready(server));
}

TEST_F(redis_address, is_found_behind_one_that_refuses) {
  redis_process redis;
  lead_to("127.0.0.2\n127.0.0.1\n");
  const server_process server = serve_by_name(redis.port());
  EXPECT_TRUE(becomes_ready(server));
  EXPECT_EQ(server.metric(failures), 0);
}

TEST_F(redis_address, is_looked_up_anew_at_each_attempt) {
  redis_process redis;
  const server_process server = serve_by_name(redis.port());
  EXPECT_TRUE(comes_to_say(server, "/health", "look-up of store.example: Host not found"));
  const std::string port = std::to_string(redis.port());
  lead_to("127.0.0.2\n");
  EXPECT_TRUE(
      comes_to_say(server, "/health", "TCP connect to 127.0.0.2:" + port + ": Connection refused"));
  lead_to("127.0.0.2\n127.0.0.3\n");
  EXPECT_TRUE(comes_to_say(server, "/health",
                           "TCP connect to 127.0.0.2:" + port +
                               ": Connection refused; TCP connect to 127.0.0.3:" + port +
                               ": Connection refused"));
  lead_to("127.0.0.1\n");
  EXPECT_TRUE(becomes_ready(server));
}

// ---- which step was not answered

TEST(redis_step, of_the_look_up_is_named) {
  const server_process server = serve_by(TURNOMATIC_HANGING_RESOLVER_PATH, {}, "redis://a.example",
                                         {"--redis-connect-timeout", "100ms"});
  EXPECT_TRUE(comes_to_say(server, "/health", "look-up of a.example: no answer in time"));
}

/// Takes connections and says nothing.
class mute_server {
 public:
  ~mute_server() { ::close(fd_); }
  mute_server() = default;
  mute_server(const mute_server&) = delete;
  mute_server& operator=(const mute_server&) = delete;
  [[nodiscard]] std::string place() const { return "127.0.0.1:" + std::to_string(port_.number()); }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_.number(); }

 private:
  const support::reserved_port port_;
  const int fd_{port_.listen()};
};

TEST(redis_step, of_the_tcp_connect_is_named) {
  const support::reserved_port port;
  const silent_address silent{"127.0.0.2", port.number()};
  const std::string place = "127.0.0.2:" + std::to_string(port.number());
  const server_process server = serve("redis://" + place, {"--redis-connect-timeout", "100ms"});
  EXPECT_TRUE(comes_to_say(server, "/health", "TCP connect to " + place + ": no answer in time"));
}

TEST(redis_step, of_the_tls_handshake_is_named) {
  const mute_server mute;
  const server_process server =
      serve("rediss://" + mute.place(), {"--redis-connect-timeout", "100ms"});
  EXPECT_TRUE(comes_to_say(server, "/health",
                           "TLS handshake with " + mute.place() + ": no answer in time"));
}

TEST(redis_step, of_the_set_up_is_named) {
  const mute_server mute;
  const server_process server =
      serve("redis://" + mute.place(), {"--redis-connect-timeout", "100ms"});
  EXPECT_TRUE(comes_to_say(server, "/health", "set-up: no answer in time"));
}

}  // namespace
}  // namespace turnomatic::integration
