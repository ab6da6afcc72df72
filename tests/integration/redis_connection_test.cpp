// What the kernel is told about a connection to Redis.
#include "backend/redis/endpoint/static_endpoint.hpp"
#include "backend/redis/wire/dialer.hpp"
#include "net/event_loop.hpp"
#include "support/no_credentials.hpp"
#include "support/reserved_port.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;

/// A connection that the dialer has made, to a port where somebody listens.
class dialed : private net::ready_handler {
 public:
  explicit dialed(const redis::dialer::settings& how) {
    target_.hosts.front().port = port_.number();
    loop_.sockets.start();
    redis::static_endpoint endpoint{loop_.io, target_, {}};
    redis::dialer tested{loop_, endpoint, none_, *this, how};
    dialer_ = &tested;
    std::optional<redis::dialer::outcome> made;
    tested.start([&](redis::dialer::outcome outcome) { made.emplace(std::move(outcome)); });
    const time_point end = clock::now() + 10s;
    while (!made && clock::now() < end)
      loop_.io.run_one_for(100ms);
    if (made && *made)
      line_ = std::move(**made);
  }
  ~dialed() { ::close(listener_); }
  dialed(const dialed&) = delete;
  dialed& operator=(const dialed&) = delete;

  [[nodiscard]] bool stands() const noexcept { return line_.stream != nullptr; }
  /// Of the socket of this process that is connected to the port; nothing without one.
  [[nodiscard]] std::optional<unsigned> tcp_option(int name) const {
    for (int fd = 0; fd < 1024; ++fd) {
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
          ntohs(peer.sin_port) != port_.number())
        continue;
      unsigned value = 0;
      size = sizeof value;
      if (::getsockopt(fd, IPPROTO_TCP, name, &value, &size) == 0)
        return value;
    }
    return std::nullopt;
  }

 private:
  void on_ready(net::readiness_event event) override { dialer_->on_ready(event); }

  const support::reserved_port port_;
  const int listener_{port_.listen()};
  redis_target target_;
  support::no_credentials none_;
  net::event_loop loop_;
  redis::dialer* dialer_{nullptr};
  redis::dialer::line line_;
};

TEST(redis_connection,
     ends_when_its_host_has_acknowledged_nothing_for_as_long_as_a_stall_may_last) {
  const dialed made{{.stall_timeout = 1234ms}};
  ASSERT_TRUE(made.stands());
  EXPECT_EQ(made.tcp_option(TCP_USER_TIMEOUT), 1234U);
}

TEST(redis_connection, sends_each_command_at_once) {
  const dialed made{{}};
  ASSERT_TRUE(made.stands());
  EXPECT_EQ(made.tcp_option(TCP_NODELAY), 1U);
}

}  // namespace
}  // namespace turnomatic::integration
