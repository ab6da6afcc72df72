// Accepts connections.
#pragma once

#include "net/byte_stream.hpp"
#include "net/deferred.hpp"
#include "net/event_loop.hpp"
#include "net/socket_address.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace turnomatic::http {

/// Accepts on one listening socket and hands each connection on. When descriptors run out it
/// pauses: connections wait in the kernel's backlog, and the worker neither spins nor dies.
/// Used by the event loop's thread only.
class listener final : private net::ready_handler, private net::deferred_work {
 public:
  struct events {
    /// A connected non-blocking socket that the callee owns, and where it comes from.
    std::function<void(int fd, const net::peer_address& from)> accepted;
    /// Accepting has paused because of `reason`, as a rule for want of descriptors.
    std::function<void(const boost::system::error_code& reason)> paused;
    std::function<void()> resumed;
  };

  /// Takes over `fd`, a listening non-blocking socket.
  listener(net::event_loop& loop, int fd, events handlers);
  ~listener() { close(); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// Throws boost::system::system_error if the socket cannot be watched.
  void start();
  /// Accepts what waits in the backlog and closes the socket: closing alone would reset
  /// connections whose requests may already have been sent.
  void finish();
  /// Closes the socket as it is.
  void close();

 private:
  enum class outcome { accepted, none, skip, shortage };

  void on_ready(net::readiness_event event) override;
  void run_deferred() override;

  void accept_some();
  [[nodiscard]] outcome accept_one();
  void pause();

  net::poller& sockets_;
  net::deferred_queue& later_;
  const int fd_;
  boost::asio::steady_timer pause_timer_;
  events events_;
  bool paused_{false};
  bool closed_{false};
  int shortage_{0};  // errno of the last outcome::shortage
};

}  // namespace turnomatic::http
