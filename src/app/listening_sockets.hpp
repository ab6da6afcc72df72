// The sockets that the instance listens on.
#pragma once

#include "app/listen_failure.hpp"
#include "app/owned_descriptor.hpp"
#include "app/unix_socket_file.hpp"
#include "net/socket_address.hpp"

#include <turnomatic/config.hpp>

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace turnomatic::app {

/// Listens, without blocking.
struct listening_socket {
  owned_descriptor fd;
  net::socket_address where;
};

using listening_sockets = std::vector<listening_socket>;

/// What one kind of client, callers or operators, connects to.
struct listening_set {
  /// An element a worker: sockets of its own, among which the kernel spreads connections
  /// (SO_REUSEPORT).
  std::vector<listening_sockets> own;
  /// Sockets that exist once, for all workers.
  listening_sockets shared;
  /// Destroyed before the sockets are closed: until then no other file gets their inodes.
  std::vector<unix_socket_file> files;

  [[nodiscard]] bool empty() const noexcept { return own.empty() && shared.empty(); }
  /// Each address once, for people; all of a socket for both families, `*:7017`.
  [[nodiscard]] std::vector<std::string> addresses() const;
};

/// Listens on all that `where` stands for; of an endpoint with several addresses on those that
/// this machine has, at least one. Fails if any other process listens there, even one that allows
/// sharing: two instances behind one port would both count from 1. Port 0 is chosen once for all
/// addresses of an endpoint.
[[nodiscard]] boost::system::result<listening_set, listen_failure> open_listening_set(
    const std::vector<endpoint>& where, std::uint32_t workers, std::uint32_t backlog);

/// The sockets that systemd or a predecessor handed over (LISTEN_FDS, sd_listen_fds(3)), those
/// named "ops" apart from the others, all of them shared. Both sets are empty if there are none.
/// Clears the variables, so that no child takes them for its own.
struct inherited_sockets {
  listening_set callers;
  listening_set operators;
};
[[nodiscard]] boost::system::result<inherited_sockets, listen_failure> take_inherited_sockets();

}  // namespace turnomatic::app
