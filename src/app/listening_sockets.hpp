// The sockets that the instance listens on.
#pragma once

#include <turnomatic/config.hpp>
#include <turnomatic/error.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

namespace turnomatic::app {

/// A listening non-blocking socket that belongs to whoever holds it.
class listening_socket {
 public:
  listening_socket(int fd, boost::asio::ip::tcp::endpoint where) noexcept
      : fd_{fd}, where_{std::move(where)} {}
  listening_socket(listening_socket&& other) noexcept;
  listening_socket& operator=(listening_socket&&) = delete;
  ~listening_socket();

  /// Hands the descriptor over.
  [[nodiscard]] int release() noexcept;
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] const boost::asio::ip::tcp::endpoint& where() const noexcept { return where_; }

 private:
  int fd_;
  boost::asio::ip::tcp::endpoint where_;
};

/// Why a socket could not be had, in one line for the operator.
struct listen_failure {
  std::string message;
};

using listening_sockets = std::vector<listening_socket>;
using listen_result = boost::system::result<listening_sockets, listen_failure>;

/// `copies` sockets on one address, among which the kernel spreads connections
/// (SO_REUSEPORT). Fails if any other process listens there, even one that allows sharing:
/// two instances behind one port would both count from 1. Port 0 is chosen once for all.
[[nodiscard]] listen_result open_listening_sockets(const endpoint& where, std::uint32_t copies,
                                                   std::uint32_t backlog);

/// The sockets that systemd or a predecessor handed over (LISTEN_FDS, sd_listen_fds(3)), those
/// named "ops" apart from the others. Both are empty if there are none. Clears the variables,
/// so that no child takes them for its own.
struct inherited_sockets {
  listening_sockets callers;
  listening_sockets operators;
};
[[nodiscard]] boost::system::result<inherited_sockets, listen_failure> take_inherited_sockets();

}  // namespace turnomatic::app
