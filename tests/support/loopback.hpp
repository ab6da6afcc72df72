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

[[nodiscard]] inline sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return where;
}

/// The port that a socket is bound to; 0 if it is not.
[[nodiscard]] inline std::uint16_t port_of_socket(int fd) {
  sockaddr_in where{};
  socklen_t size = sizeof where;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.sin_port);
}

/// A TCP socket that listens on a free port of 127.0.0.1. Throws std::system_error.
inline loopback_listener listen_on_loopback(int backlog = 512) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in where = loopback_address(0);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      ::listen(fd, backlog) != 0) {
    const int error = errno;
    ::close(fd);
    throw std::system_error{error, std::generic_category(), "listening on the loopback"};
  }
  return {fd, port_of_socket(fd)};
}

}  // namespace turnomatic::support
