#include "support/any_address.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace turnomatic::support {
namespace {

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path.copy(where.sun_path, sizeof where.sun_path - 1);
  return where;
}

// Negative if it is refused.
int connect_to(const sockaddr* where, socklen_t size) {
  const int fd = ::socket(where->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(fd, where, size) == 0)
    return fd;
  ::close(fd);
  return -1;
}

// Asks, reads to the end and closes the socket.
std::optional<http_answer> ask(int fd, const std::string& path) {
  if (fd < 0)
    return std::nullopt;
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  std::string received;
  std::array<char, 4096> chunk;
  ssize_t count = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
  while (count > 0 && (count = ::recv(fd, chunk.data(), chunk.size(), 0)) > 0)
    received.append(chunk.data(), static_cast<std::size_t>(count));
  ::close(fd);
  const parsed_answers parsed = parse_answers(received);
  return parsed.answers.empty() ? http_answer{} : parsed.answers.front();
}

}  // namespace

std::optional<http_answer> fetch_from(const std::string& address, std::uint16_t port,
                                      const std::string& path) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return std::nullopt;
  const int fd = connect_to(found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return ask(fd, path);
}

std::optional<http_answer> fetch_from_unix(const std::string& socket_path,
                                           const std::string& path) {
  return ask(connect_to_unix(socket_path), path);
}

int connect_to_unix(const std::string& path) {
  const sockaddr_un where = unix_address(path);
  return connect_to(reinterpret_cast<const sockaddr*>(&where), sizeof where);
}

int listen_on_unix(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un where = unix_address(path);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      ::listen(fd, 128) != 0) {
    const int error = errno;
    ::close(fd);
    throw std::system_error{error, std::generic_category(), "listening on a unix socket"};
  }
  return fd;
}

}  // namespace turnomatic::support
