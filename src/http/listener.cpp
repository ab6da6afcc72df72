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

bool is_shortage(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

listener::listener(boost::asio::io_context& io, boost::asio::ip::tcp protocol, int fd,
                   events handlers)
    : acceptor_{io, protocol, fd}, pause_timer_{io}, events_{std::move(handlers)} {}

void listener::stop() {
  boost::system::error_code ignored;
  pause_timer_.cancel();
  acceptor_.close(ignored);
}

void listener::wait() {
  acceptor_.async_wait(boost::asio::ip::tcp::acceptor::wait_read,
                       [this](boost::system::error_code error) {
                         if (error)
                           return;
                         accept_all();
                       });
}

// accept4 rather than async_accept: the connection is watched by the worker's poller, and
// registering it with Asio's reactor as well would cost two system calls.
void listener::accept_all() {
  for (int i = 0; i < accepts_max; ++i) {
    boost::asio::ip::tcp::endpoint from;
    auto size = static_cast<socklen_t>(from.capacity());
    const int fd =
        ::accept4(acceptor_.native_handle(), from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int error = fd < 0 ? errno : 0;
    if (is_shortage(error))
      return pause({error, boost::system::system_category()});
    // The kernel finds a descriptor before it looks for a connection, so even "none waiting"
    // means that there are descriptors again.
    if (std::exchange(paused_, false))
      events_.resumed();
    if (fd >= 0) {
      from.resize(size);
      events_.accepted(fd, from);
      continue;
    }
    if (error == EAGAIN)
      break;
    // Anything else concerns the one connection that failed (accept(2): treat like EAGAIN).
  }
  wait();
}

void listener::pause(const boost::system::error_code& reason) {
  if (!std::exchange(paused_, true))
    events_.paused(reason);
  pause_timer_.expires_after(pause_length);
  pause_timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      accept_all();
  });
}

}  // namespace turnomatic::http
