#include "net/socket_stream.hpp"

#include "net/text_form.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

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
  ::shutdown(fd_, SHUT_WR);
}

std::string socket_stream::peer() const {
  boost::asio::ip::tcp::endpoint endpoint;
  auto size = static_cast<socklen_t>(endpoint.capacity());
  if (::getpeername(fd_, endpoint.data(), &size) != 0)
    return "unknown";
  endpoint.resize(size);
  return to_string(endpoint);
}

}  // namespace turnomatic::net
