#include "support/silent_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace turnomatic::support {
namespace {

// A connection that is taken is there at once: on the loopback the peer is the kernel itself.
constexpr int taken_within_ms = 200;
constexpr int connections_max = 32;

bool is_taken(int fd) {
  pollfd watched{fd, POLLOUT, 0};
  return ::poll(&watched, 1, taken_within_ms) == 1;
}

}  // namespace

silent_address::silent_address(const std::string& address, std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1)
    throw std::runtime_error{address + " is no address"};
  const auto add_socket = [this] {
    return sockets_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  };
  const auto* const to = reinterpret_cast<const sockaddr*>(&where);
  const int listener = add_socket();
  const int on = 1;
  if (::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener, to, sizeof where) != 0 || ::listen(listener, 0) != 0)
    throw std::system_error{errno, std::generic_category(), "listening on " + address};
  for (int i = 0; i < connections_max; ++i) {
    const int fd = add_socket();
    ::connect(fd, to, sizeof where);
    if (!is_taken(fd))
      return;
  }
  throw std::runtime_error{address + " takes every connection"};
}

silent_address::~silent_address() {
  for (const int fd : sockets_)
    ::close(fd);
}

}  // namespace turnomatic::support
