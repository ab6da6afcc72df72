// Tells sessions when their sockets are ready.
#pragma once

#include "http/byte_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace turnomatic::http {

/// An edge-triggered epoll set inside an io_context.
///
/// Asio's reactor costs each request one extra system call: async_wait re-arms with
/// epoll_ctl, async_read_some first tries a read that fails. Here a socket is registered
/// once, and the io_context only ever waits for the whole set. What that buys is measured in
/// docs/adr/0002-nested-edge-triggered-poller.md.
///
/// Used by the io_context's thread only.
class poller {
 public:
  /// Throws boost::system::system_error if the set cannot be made.
  explicit poller(boost::asio::io_context& io);

  /// Watches `fd` for input and for the peer's end; `handler` is told until the descriptor is
  /// closed. It must stay alive until the io_context runs its next handler after that.
  [[nodiscard]] boost::system::error_code add(int fd, ready_handler& handler);
  /// Watches `fd` for room to write as well, from now on.
  void add_writable(int fd, ready_handler& handler);

  void start() { wait(); }

 private:
  void wait();
  void dispatch();

  boost::asio::posix::stream_descriptor set_;
};

}  // namespace turnomatic::http
