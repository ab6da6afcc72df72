// Where a Redis is found, and as whom it is spoken to.
#pragma once

#include <cstdint>
#include <string>

namespace turnomatic {

/// What a redis://, rediss:// or unix:// URL says, all escapes undone. `host` is a name or a
/// numeric address (IPv6 without brackets); host and port count for nothing where `unix_path`
/// is set. An empty user is Redis's own default user, an empty password none.
struct redis_target {
  bool tls{false};
  std::string unix_path;  ///< of a socket; empty: over TCP
  std::string host{"127.0.0.1"};
  std::uint16_t port{6379};
  std::string user;
  std::string password;
  std::uint32_t database{0};  ///< 0 to 2^31-1

  friend bool operator==(const redis_target&, const redis_target&) = default;
};

}  // namespace turnomatic
