// Accepts connections.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace turnomatic::http {

/// Accepts on one listening socket and hands each connection on. When descriptors run out it
/// pauses: connections wait in the kernel's backlog, and the worker neither spins nor dies.
/// Used by the io_context's thread only.
class listener {
 public:
  struct events {
    /// A connected non-blocking socket that the callee owns, and where it comes from.
    std::function<void(int fd, const boost::asio::ip::tcp::endpoint& from)> accepted;
    /// Accepting has paused for want of `reason` (EMFILE, ENFILE, ENOBUFS, ENOMEM).
    std::function<void(const boost::system::error_code& reason)> paused;
    std::function<void()> resumed;
  };

  /// Takes over `fd`, a listening non-blocking socket of the given protocol.
  listener(boost::asio::io_context& io, boost::asio::ip::tcp protocol, int fd, events handlers);

  void start() { wait(); }
  /// Closes the socket. Connections that wait in its backlog are reset by the kernel, which
  /// is why a drain comes after the balancer has been told.
  void stop();

 private:
  void wait();
  void accept_all();
  void pause(const boost::system::error_code& reason);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_timer_;
  events events_;
  bool paused_{false};
};

}  // namespace turnomatic::http
