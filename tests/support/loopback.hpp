// Listening where only this host can reach.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace turnomatic::support {

struct loopback_listener {
  int fd;  ///< blocking; the caller closes it
  std::uint16_t port;
};

/// A TCP socket that listens on a free port of 127.0.0.1. Throws std::system_error.
inline loopback_listener listen_on_loopback(int backlog = 512) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* const address = reinterpret_cast<sockaddr*>(&where);
  if (::bind(fd, address, size) != 0 || ::listen(fd, backlog) != 0 ||
      ::getsockname(fd, address, &size) != 0) {
    const int error = errno;
    ::close(fd);
    throw std::system_error{error, std::generic_category(), "listening on the loopback"};
  }
  return {fd, ntohs(where.sin_port)};
}

}  // namespace turnomatic::support
