// The service manager's side: notifications and sockets handed over.
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <string>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

// Receives what sd_notify sends. An abstract socket leaves no file behind.
class notify_socket {
 public:
  notify_socket() : name_{"@turnomatic-test-" + std::to_string(::getpid())} {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    name_.copy(where.sun_path, sizeof where.sun_path);
    where.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    bound_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&where), size) == 0;
  }
  ~notify_socket() { ::close(fd_); }
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;

  [[nodiscard]] bool bound() const { return bound_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// Waits for a message that contains `text`.
  [[nodiscard]] bool receives(const std::string& text) const {
    for (int i = 0; i < 1000; ++i) {
      pollfd wanted{fd_, POLLIN, 0};
      if (::poll(&wanted, 1, 10'000) <= 0)
        return false;
      std::array<char, 1024> message;
      const ssize_t size = ::recv(fd_, message.data(), message.size(), 0);
      if (size > 0 && std::string_view{message.data(), static_cast<std::size_t>(size)}.find(text) !=
                          std::string_view::npos)
        return true;
    }
    return false;
  }

 private:
  const std::string name_;
  int fd_{-1};
  bool bound_{false};
};

int listening_socket_for_test() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      ::listen(fd, 128) != 0)
    return -1;
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in where{};
  socklen_t size = sizeof where;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.sin_port);
}

TEST(service_manager, is_told_when_the_instance_is_ready_and_when_it_stops) {
  const notify_socket manager;
  ASSERT_TRUE(manager.bound());
  server_process server{{"--drain-delay", "0ms"},
                        {.environment = {{"NOTIFY_SOCKET", manager.name()}}}};
  EXPECT_TRUE(manager.receives("READY=1"));
  server.process().signal(SIGHUP);
  EXPECT_TRUE(manager.receives("RELOADING=1"));
  EXPECT_TRUE(manager.receives("READY=1"));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(manager.receives("STOPPING=1"));
}

TEST(service_manager, hears_the_watchdog) {
  const notify_socket manager;
  ASSERT_TRUE(manager.bound());
  server_process server{
      {}, {.environment = {{"NOTIFY_SOCKET", manager.name()}, {"WATCHDOG_USEC", "200000"}}}};
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(manager.receives("WATCHDOG=1"));
}

TEST(handed_over_socket, is_served_by_every_worker_instead_of_the_configured_address) {
  const int fd = listening_socket_for_test();
  ASSERT_GE(fd, 0);
  server_process server{{"--workers", "2"}, {.inherited_socket = fd}};
  EXPECT_EQ(server.port(), port_of(fd));
  for (int i = 1; i <= 20; ++i)
    EXPECT_EQ(server.get("/turno/a").body, "{\"id\":\"a\",\"turno\":" + std::to_string(i) + "}");
  ::close(fd);
}

TEST(handed_over_socket, named_ops_is_for_operators) {
  const int fd = listening_socket_for_test();
  ASSERT_GE(fd, 0);
  server_process server{{}, {.inherited_socket = fd, .inherited_name = "ops"}};
  EXPECT_EQ(server.operations_port(), port_of(fd));
  EXPECT_NE(server.port(), port_of(fd));
  EXPECT_EQ(server.operations("/livez").status, 200);
  ::close(fd);
}

TEST(handed_over_socket, that_does_not_listen_is_an_error_in_one_line) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  child_process process{{.arguments = {server_path()}, .inherited_socket = fd}};
  EXPECT_EQ(process.read_rest(20s),
            "turnomatic: cannot take over descriptor 3: not a listening TCP socket\n");
  const auto ending = process.wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, EX_UNAVAILABLE);
  ::close(fd);
}

}  // namespace
}  // namespace turnomatic::support
