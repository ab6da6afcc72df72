// Where a Redis is found, and as whom it is spoken to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace turnomatic {

/// A name or a numeric address (IPv6 without brackets), and a port.
struct redis_host {
  std::string name;
  std::uint16_t port;

  friend bool operator==(const redis_host&, const redis_host&) = default;
};

/// `10.0.0.7:6379`, `[::1]:6379`.
[[nodiscard]] inline std::string to_string(const redis_host& host) {
  const bool ipv6 = host.name.find(':') != std::string::npos;
  return (ipv6 ? '[' + host.name + ']' : host.name) + ':' + std::to_string(host.port);
}

/// Whom the hosts of a redis_target are.
enum class redis_topology : std::uint8_t {
  single,    ///< one of them: the primary
  sentinel,  ///< sentinels, which know where the primary is
  cluster    ///< some nodes of a cluster, which know the others
};

/// What the URL of a Redis says, all escapes undone. The hosts count for nothing where `unix_path`
/// is set. Login and database are those of Redis itself, never of a sentinel. An empty user is
/// Redis's own default user, an empty password none.
struct redis_target {
  redis_topology topology{redis_topology::single};
  bool tls{false};
  std::string unix_path;  ///< of a socket; empty: over TCP
  std::vector<redis_host> hosts{{"127.0.0.1", 6379}};
  std::string primary;  ///< the name by which sentinels know it; empty without them
  std::string user;
  std::string password;
  std::uint32_t database{0};  ///< 0 to 2^31-1

  friend bool operator==(const redis_target&, const redis_target&) = default;
};

}  // namespace turnomatic
