#include "support/redis_client.hpp"

#include "support/loopback.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace turnomatic::support {
namespace {

using steady = std::chrono::steady_clock;

template <class Address>
int connected(const Address& where, const std::string& name) {
  const auto* const generic = reinterpret_cast<const sockaddr*>(&where);
  const int fd = ::socket(generic->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{redis_client::patience.count() / 1000, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // bounds the connecting too
  if (::connect(fd, generic, sizeof where) != 0) {
    const int error = errno;
    ::close(fd);
    throw std::system_error{error, std::generic_category(), "connecting to " + name};
  }
  return fd;
}

int connected_to_port(std::uint16_t port) {
  const int fd = connected(loopback_address(port), "port " + std::to_string(port));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

int connected_to_path(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path.size() >= sizeof where.sun_path)
    throw std::runtime_error{"too long for a unix socket: " + path};
  path.copy(where.sun_path, path.size());
  return connected(where, path);
}

std::string encoded(const std::vector<std::string>& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words)
    bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return bytes;
}

}  // namespace

redis_client::redis_client(std::uint16_t port) : fd_{connected_to_port(port)} {}

redis_client::redis_client(const std::string& socket_path) : fd_{connected_to_path(socket_path)} {}

redis_client::redis_client(redis_client&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, received_{std::move(other.received_)} {}

redis_client::~redis_client() {
  if (fd_ >= 0)
    ::close(fd_);
}

redis_reply redis_client::command(const std::vector<std::string>& words) {
  send(words);
  return read();
}

void redis_client::send(const std::vector<std::string>& words) {
  const std::string bytes = encoded(words);
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t size = ::send(fd_, left.data(), left.size(), MSG_NOSIGNAL);
    if (size <= 0)
      throw std::system_error{errno, std::generic_category(), "sending to Redis"};
    left.remove_prefix(static_cast<std::size_t>(size));
  }
}

redis_reply redis_client::read() {
  auto reply = read_within(patience);
  if (!reply)
    throw std::runtime_error{"Redis does not answer"};
  return std::move(*reply);
}

std::optional<redis_reply> redis_client::read_within(std::chrono::milliseconds time) {
  const auto until = steady::now() + time;
  for (;;) {
    std::string_view unread = received_;
    if (auto reply = take_reply(unread)) {
      received_.erase(0, received_.size() - unread.size());
      return reply;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady::now());
    pollfd wanted{fd_, POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(0, left.count()))) <= 0)
      return std::nullopt;
    std::array<char, 65536> bytes;
    const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (size <= 0)
      throw std::runtime_error{"Redis ends the connection"};
    received_.append(bytes.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace turnomatic::support
