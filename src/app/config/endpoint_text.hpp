// The text of an endpoint.
#pragma once

#include "app/config/value_codec.hpp"

#include <turnomatic/config.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::app {

/// One of
///
///     HOST:PORT  HOST  :PORT  PORT      unix:/PATH  unix:/PATH?mode=0660
///
/// where HOST is an IPv4 address, an IPv6 address (in brackets before a port), a name, or `*`.
/// Without a port it is `default_port`. Without a host, and for `[::]`, it is `*`. Nothing is
/// looked up. An address is stored in its shortest form and an IPv6 address that maps an IPv4
/// address as the latter, so that equal endpoints compare equal.
[[nodiscard]] parsed<endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);

/// The inverse of parse_endpoint, with the port written out.
[[nodiscard]] std::string format_endpoint(const endpoint& value);

/// An IPv6 address in its shortest form (RFC 5952), and one that maps an IPv4 address as the
/// latter; empty if `text` is none.
[[nodiscard]] std::string canonical_ipv6(std::string_view text);

}  // namespace turnomatic::app
