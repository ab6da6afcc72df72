// Tells who waits for a socket when it is ready.
#pragma once

#include "net/byte_stream.hpp"
#include "net/deferred.hpp"
#include "net/loop_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>

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
  /// `time` is refreshed whenever sockets have become ready; it must outlive the poller. Throws
  /// boost::system::system_error if the set cannot be made.
  poller(boost::asio::io_context& io, loop_clock& time);

  /// Watches `fd` for input (of a listening socket: for connections) and for the peer's end;
  /// `handler` is told until the descriptor is closed or removed. It must stay alive until
  /// deferred work runs, or the io_context's next handler, after that.
  [[nodiscard]] boost::system::error_code add(int fd, ready_handler& handler);
  /// Watches `fd` no longer. Only needed where another descriptor, perhaps another process's,
  /// keeps the socket open when this one is closed.
  void remove(int fd) noexcept;
  /// Watches `fd` for room to write as well, from now on.
  void add_writable(int fd, ready_handler& handler);

  /// Calls `work` when the sockets that are ready now have been served and what was deferred before
  /// has run; soon if no socket is being served. Once, however often it is asked for until then.
  /// No more than `deferred_max` run between two looks at the set, so that many which always have
  /// more to do hold up a socket no longer than that few.
  void defer(deferred_work& work);

  static constexpr int deferred_max = 32;

  void start() { wait(); }

 private:
  using deferred_list =
      boost::intrusive::list<deferred_work, boost::intrusive::base_hook<deferred_hook>,
                             boost::intrusive::constant_time_size<false>>;

  void wait();
  void dispatch();
  void post_deferred();
  void run_deferred();

  boost::asio::io_context& io_;
  loop_clock& time_;
  boost::asio::posix::stream_descriptor set_;
  deferred_list deferred_;
  bool dispatching_{false};
  bool posted_{false};
};

}  // namespace turnomatic::net
