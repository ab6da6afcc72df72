// http.cors_origins: the origins of browser pages that may take turns.
#pragma once

#include "app/config/key.hpp"
#include "app/config/value_codec.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace turnomatic::app {

/// More would make each request of a page search for long.
inline constexpr std::size_t cors_origins_max = 64;

/// SCHEME://HOST or SCHEME://HOST:PORT, in the form in which browsers send it (RFC 6454 section
/// 6.2): lower case, no default port, an IPv6 address in its shortest form. A name that is not
/// ASCII must be given as it is sent, xn--... . Neither `*` nor `null` is an origin.
[[nodiscard]] parsed<std::string> parse_origin(std::string_view text);

[[nodiscard]] key cors_origins_key();

}  // namespace turnomatic::app
