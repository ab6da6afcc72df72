// A port of the loopback that stays one's own while nobody listens on it.
#pragma once

#include <cstdint>

namespace turnomatic::support {

/// Holds a free TCP port of 127.0.0.1 with a socket that is bound and never listens. Nobody who
/// asks for a free port, to listen or to connect from, is given it meanwhile; who names it and
/// sets SO_REUSEADDR, as every server does, can listen on it, stop and listen again.
class reserved_port {
 public:
  /// Throws std::system_error.
  reserved_port();
  ~reserved_port();
  reserved_port(const reserved_port&) = delete;
  reserved_port& operator=(const reserved_port&) = delete;

  [[nodiscard]] std::uint16_t number() const noexcept { return number_; }
  /// A non-blocking socket that listens on it; the caller closes it. Throws std::system_error.
  [[nodiscard]] int listen(int backlog = 512) const;

 private:
  int fd_;
  std::uint16_t number_;
};

}  // namespace turnomatic::support
