#include "net/socket_stream.hpp"

#include <boost/asio/error.hpp>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace turnomatic::net {
namespace {

boost::system::error_code last_error() noexcept {
  if (errno == EAGAIN)
    return boost::asio::error::would_block;
  return {errno, boost::system::system_category()};
}

// An interrupted call is repeated at once: giving up would lose the edge that announced it.
template <class Call>
ssize_t uninterrupted(Call call) noexcept {
  ssize_t result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

socket_stream::~socket_stream() {
  ::close(fd_);
}

socket_stream::error_code socket_stream::attach(ready_handler& handler) {
  handler_ = &handler;
  return poller_.add(fd_, handler);
}

std::size_t socket_stream::read_some(std::span<char> into, error_code& error) {
  const ssize_t size = uninterrupted([&] { return ::recv(fd_, into.data(), into.size(), 0); });
  if (size > 0)
    return static_cast<std::size_t>(size);
  error = size == 0 ? error_code{boost::asio::error::eof} : last_error();
  return 0;
}

std::size_t socket_stream::write_some(std::string_view from, error_code& error) {
  const ssize_t size =
      uninterrupted([&] { return ::send(fd_, from.data(), from.size(), MSG_NOSIGNAL); });
  if (size >= 0)
    return static_cast<std::size_t>(size);
  error = last_error();
  return 0;
}

void socket_stream::notify_writable() {
  poller_.add_writable(fd_, *handler_);
}

void socket_stream::shutdown_send() {
  send_is_shut_ = ::shutdown(fd_, SHUT_WR) == 0;
}

duration socket_stream::input_age() const noexcept {
  return std::chrono::milliseconds{info().tcpi_last_data_recv};
}

// Every segment of an open connection acknowledges something, the one that ends it as well.
duration socket_stream::silence() const noexcept {
  return std::chrono::milliseconds{info().tcpi_last_ack_recv};
}

// All zero where there is none.
tcp_info socket_stream::info() const noexcept {
  tcp_info all{};
  socklen_t size = sizeof all;
  if (::getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &all, &size) != 0)
    return {};
  return all;
}

// The kernel counts the end of our half as one byte, the last. Of a unix socket the same call gives
// what the peer has not read; there all that was taken has reached the peer's side.
std::size_t socket_stream::unacknowledged() const noexcept {
  int domain = AF_UNIX;
  socklen_t domain_size = sizeof domain;
  if (::getsockopt(fd_, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) != 0 || domain == AF_UNIX)
    return 0;
  int size = 0;
  if (::ioctl(fd_, SIOCOUTQ, &size) != 0 || size <= 0)
    return 0;
  return static_cast<std::size_t>(size) - (send_is_shut_ ? 1 : 0);
}

}  // namespace turnomatic::net
