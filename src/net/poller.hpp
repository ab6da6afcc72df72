// Tells who waits for a socket when it is ready.
#pragma once

#include "net/byte_stream.hpp"
#include "net/deferred_queue.hpp"
#include "net/loop_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace turnomatic::net {

/// An edge-triggered epoll set inside an io_context.
///
/// Asio's reactor costs each request one extra system call: async_wait re-arms with
/// epoll_ctl, async_read_some first tries a read that fails. Here a socket is registered
/// once, and the io_context only ever waits for the whole set. What that buys is measured in
/// docs/adr/0017-the-event-loop.md.
///
/// Used by the io_context's thread only.
class poller {
 public:
  /// `time` is refreshed whenever sockets have become ready, and `later` runs when those have been
  /// served; both must outlive the poller. Throws boost::system::system_error if the set cannot be
  /// made.
  poller(boost::asio::io_context& io, loop_clock& time, deferred_queue& later);

  /// Watches `fd` for input (of a listening socket: for connections) and for the peer's end;
  /// `handler` is told until the descriptor is closed or removed. It must stay alive until
  /// deferred work runs, or the io_context's next handler, after that.
  [[nodiscard]] boost::system::error_code add(int fd, ready_handler& handler);
  /// Watches `fd` no longer. Only needed where another descriptor, perhaps another process's,
  /// keeps the socket open when this one is closed.
  void remove(int fd) noexcept;
  /// Watches `fd` for room to write as well, from now on.
  void add_writable(int fd, ready_handler& handler);

  void start() { wait(); }

 private:
  void wait();
  void dispatch();

  loop_clock& time_;
  deferred_queue& later_;
  boost::asio::posix::stream_descriptor set_;
};

}  // namespace turnomatic::net
