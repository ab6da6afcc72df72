// HOST:PORT, the text of an endpoint.
#pragma once

#include "app/config/value_codec.hpp"

#include <turnomatic/config.hpp>

#include <string>
#include <string_view>

namespace turnomatic::app {

/// `127.0.0.1:7017` or `[::1]:7017`. The host must be a numeric address: a name could resolve
/// to something else at the next start. An IPv6 address is stored in its shortest form, so
/// that equal endpoints compare equal.
[[nodiscard]] parsed<endpoint> parse_endpoint(std::string_view text);

/// The shortest form of a numeric IPv6 address (RFC 5952) without brackets; empty if `text` is
/// none. A zone such as %eth0 makes it none.
[[nodiscard]] std::string canonical_ipv6(std::string_view text);

/// The inverse of parse_endpoint.
[[nodiscard]] std::string format_endpoint(const endpoint& value);

}  // namespace turnomatic::app
