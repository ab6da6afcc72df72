// A request to wherever a server listens.
#pragma once

#include "support/http_answer.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace turnomatic::support {

/// GET `path` on a connection of its own to a numeric address, IPv4 or IPv6. Nothing if the
/// connection is refused; every wait is bounded.
[[nodiscard]] std::optional<http_answer> fetch_from(const std::string& address, std::uint16_t port,
                                                    const std::string& path);

/// The same to a unix socket.
[[nodiscard]] std::optional<http_answer> fetch_from_unix(const std::string& socket_path,
                                                         const std::string& path);

/// A connection to a unix socket; negative if it is refused. The caller closes it.
[[nodiscard]] int connect_to_unix(const std::string& path);

/// A unix socket that listens at `path`, blocking; the caller closes it. Throws std::system_error.
[[nodiscard]] int listen_on_unix(const std::string& path);

}  // namespace turnomatic::support
