#include "support/reserved_port.hpp"

#include "support/loopback.hpp"

#include <utility>

namespace turnomatic::support {
namespace {

[[noreturn]] void close_and_fail(int fd, const char* what) {
  const int error = errno;
  ::close(fd);
  throw std::system_error{error, std::generic_category(), what};
}

// Linux lets sockets share an address when all of them allow it and none listens before the last
// has bound (socket(7), SO_REUSEADDR).
int bind_shared(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  const sockaddr_in where = loopback_address(port);
  if (::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
    close_and_fail(fd, "binding to the loopback");
  return fd;
}

}  // namespace

reserved_port::reserved_port() : fd_{bind_shared(0)}, number_{port_of_socket(fd_)} {}

reserved_port::~reserved_port() {
  ::close(fd_);
}

int reserved_port::listen(int backlog) const {
  const int fd = bind_shared(number_);
  if (::listen(fd, backlog) != 0)
    close_and_fail(fd, "listening on a reserved port");
  return fd;
}

}  // namespace turnomatic::support
