#include "support/tcp_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace turnomatic::support {
namespace {

using steady = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

sockaddr_in loopback(std::uint16_t port, const std::string& address) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  ::inet_pton(AF_INET, address.empty() ? "127.0.0.1" : address.c_str(), &where.sin_addr);
  return where;
}

const sockaddr* generic(const sockaddr_in& where) {
  return reinterpret_cast<const sockaddr*>(&where);
}

}  // namespace

tcp_client::tcp_client(std::uint16_t port, const std::string& from) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0)
    fail("socket");
  if (!from.empty()) {
    const sockaddr_in source = loopback(0, from);
    if (::bind(fd_, generic(source), sizeof source) != 0)
      fail("bind");
  }
  const sockaddr_in where = loopback(port, {});
  if (::connect(fd_, generic(where), sizeof where) != 0) {
    const int error = errno;
    ::close(fd_);
    errno = error;
    fail("connect");
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval limit{patience.count() / 1000, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

tcp_client::tcp_client(tcp_client&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      received_{std::move(other.received_)},
      ended_{other.ended_} {}

tcp_client::~tcp_client() {
  if (fd_ >= 0)
    ::close(fd_);
}

bool tcp_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

void tcp_client::shutdown_send() {
  ::shutdown(fd_, SHUT_WR);
}

void tcp_client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
}

bool tcp_client::receive_more(steady::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady::now());
  pollfd wanted{fd_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) {
    ended_ = end::timed_out;
    return false;
  }
  std::array<char, 65536> bytes;
  const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), 0);
  if (size <= 0) {
    ended_ = size == 0 ? end::closed : end::reset;
    return false;
  }
  received_.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

parsed_answers tcp_client::read_answers(std::size_t count, bool head_only) {
  const auto until = steady::now() + patience;
  for (;;) {
    parsed_answers parsed = parse_answers(received_, head_only);
    if (parsed.answers.size() >= count || parsed.malformed || !receive_more(until))
      return parsed;
  }
}

tcp_client::end tcp_client::read_to_end(std::chrono::milliseconds at_most) {
  const auto until = steady::now() + at_most;
  while (receive_more(until)) {
  }
  return ended_;
}

http_answer fetch(std::uint16_t port, const std::string& path, const std::string& method) {
  tcp_client client{port};
  client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const parsed_answers parsed = client.read_answers(1, method == "HEAD");
  if (parsed.answers.empty())
    throw std::runtime_error{"no answer to " + path};
  return parsed.answers.front();
}

}  // namespace turnomatic::support
