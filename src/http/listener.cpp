#include "http/listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace turnomatic::http {
namespace {

// One wake-up accepts at most this many, so that a storm of connections leaves the worker
// time for those it has.
constexpr int accepts_max = 64;

constexpr std::chrono::milliseconds pause_length{100};

// A drain empties the backlog, but does not follow a storm of connections for ever.
constexpr int finishing_accepts_max = 65536;

// What concerns only the one connection that was to be accepted (accept(2)). All else is a
// shortage or a broken socket; going on at once would turn the loop.
bool concerns_one_connection(int error) noexcept {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
      return true;
    default:
      return false;
  }
}

}  // namespace

listener::listener(boost::asio::io_context& io, boost::asio::ip::tcp protocol, int fd,
                   events handlers)
    : acceptor_{io, protocol, fd}, pause_timer_{io}, events_{std::move(handlers)} {}

void listener::finish() {
  if (closed_)
    return;
  for (int i = 0; i < finishing_accepts_max; ++i) {
    const outcome last = accept_one();
    if (last == outcome::none || last == outcome::shortage)
      break;
  }
  close();
}

void listener::close() {
  if (std::exchange(closed_, true))
    return;
  if (std::exchange(paused_, false))
    events_.resumed();
  boost::system::error_code ignored;
  pause_timer_.cancel();
  acceptor_.close(ignored);
}

void listener::wait() {
  acceptor_.async_wait(boost::asio::ip::tcp::acceptor::wait_read,
                       [this](boost::system::error_code error) {
                         if (error || closed_)
                           return;
                         accept_some();
                       });
}

void listener::accept_some() {
  for (int i = 0; i < accepts_max; ++i) {
    switch (accept_one()) {
      case outcome::none:
        return wait();
      case outcome::shortage:
        return pause();
      case outcome::accepted:
      case outcome::skip:
        break;
    }
  }
  wait();
}

// accept4 rather than async_accept: the connection is watched by the worker's poller, and
// registering it with Asio's reactor as well would cost two system calls.
listener::outcome listener::accept_one() {
  boost::asio::ip::tcp::endpoint from;
  auto size = static_cast<socklen_t>(from.capacity());
  const int fd =
      ::accept4(acceptor_.native_handle(), from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const int error = fd < 0 ? errno : 0;
  if (fd < 0 && error != EAGAIN) {
    if (concerns_one_connection(error))
      return outcome::skip;
    shortage_ = error;
    return outcome::shortage;
  }
  // The kernel finds a descriptor before it looks for a connection, so even "none waiting"
  // means that there are descriptors again.
  if (std::exchange(paused_, false))
    events_.resumed();
  if (fd < 0)
    return outcome::none;
  from.resize(size);
  events_.accepted(fd, from);
  return outcome::accepted;
}

void listener::pause() {
  if (!std::exchange(paused_, true))
    events_.paused({shortage_, boost::system::system_category()});
  pause_timer_.expires_after(pause_length);
  pause_timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !closed_)
      accept_some();
  });
}

}  // namespace turnomatic::http
