#include "http/listener.hpp"

#include <boost/system/system_error.hpp>
#include <sys/socket.h>
#include <unistd.h>

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

listener::listener(net::event_loop& loop, int fd, events handlers)
    : sockets_{loop.sockets},
      later_{loop.later},
      fd_{fd},
      pause_timer_{loop.io},
      events_{std::move(handlers)} {}

void listener::start() {
  if (const auto error = sockets_.add(fd_, *this))
    throw boost::system::system_error{error, "watching a listening socket"};
}

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
  pause_timer_.cancel();
  sockets_.remove(fd_);  // other processes may share the socket, as the service manager does
  ::close(fd_);
}

void listener::on_ready(net::readiness_event) {
  if (!paused_)
    accept_some();
}

void listener::run_deferred() {
  if (!closed_ && !paused_)
    accept_some();
}

// Until none is left, since the set tells of each only once; what is too much for one turn waits
// for the next.
void listener::accept_some() {
  for (int i = 0; i < accepts_max; ++i) {
    switch (accept_one()) {
      case outcome::none:
        return;
      case outcome::shortage:
        return pause();
      case outcome::accepted:
      case outcome::skip:
        break;
    }
  }
  later_.add(*this);
}

listener::outcome listener::accept_one() {
  net::socket_address from;
  auto size = static_cast<socklen_t>(from.capacity());
  const int fd = ::accept4(fd_, from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const int error = fd < 0 ? errno : 0;
  const bool skips = fd < 0 && concerns_one_connection(error);
  if (fd < 0 && error != EAGAIN && !skips) {
    shortage_ = error;
    return outcome::shortage;
  }
  // The kernel finds a descriptor before it looks for a connection, so even "none waiting" or one
  // that has failed means that there are descriptors again.
  if (std::exchange(paused_, false))
    events_.resumed();
  if (fd < 0)
    return skips ? outcome::skip : outcome::none;
  from.resize(size);
  events_.accepted(fd, net::peer_of(from));
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
