// The hosts in the URL of a Redis.
#pragma once

#include "app/config/value_codec.hpp"

#include <turnomatic/redis_target.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace turnomatic::app {

/// Of the sentinels or nodes that a URL may name.
inline constexpr std::size_t redis_hosts_max = 16;

/// HOST or HOST:PORT. HOST is a name, an IPv4 address or an IPv6 address in brackets, which is
/// stored in its shortest form, so that equal hosts compare equal.
[[nodiscard]] parsed<redis_host> parse_redis_host(std::string_view text,
                                                  std::uint16_t default_port);

/// Some of them, each once, with commas in between.
[[nodiscard]] parsed<std::vector<redis_host>> parse_redis_hosts(std::string_view text,
                                                                std::uint16_t default_port);

}  // namespace turnomatic::app
