// An address where nobody answers, not even with a refusal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace turnomatic::support {

/// A port of an address of the loopback whose queue of connections is full: the kernel drops what
/// wants to connect, as a firewall or a host that is down would.
class silent_address {
 public:
  /// Throws std::system_error or std::runtime_error.
  silent_address(const std::string& address, std::uint16_t port);
  ~silent_address();
  silent_address(const silent_address&) = delete;
  silent_address& operator=(const silent_address&) = delete;

 private:
  std::vector<int> sockets_;  // the one that listens, and those that fill its queue
};

}  // namespace turnomatic::support
