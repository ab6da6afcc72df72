// The URL of a Redis, the text of a redis_target.
#pragma once

#include "app/config/value_codec.hpp"

#include <turnomatic/redis_target.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace turnomatic::app {

inline constexpr std::size_t redis_url_bytes_max = 1024;

/// One of
///
///     redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]     rediss://... the same over TLS
///     unix://[[USER]:PASSWORD@]/PATH/OF.SOCKET
///
/// with valkey:// and valkeys:// for the first two, where `USER@` is a user without a password,
/// `?db=DB` names the database of any of them, HOST is a name, an IPv4 address or an IPv6 address
/// in brackets, and %XX in user, password and path stands for a byte. Strict (RFC 3986): a user or
/// password that holds another byte than those that may stand for themselves must have it escaped,
/// so that no part is taken for another. An IPv6 address is stored in its shortest form, so that
/// equal targets compare equal.
[[nodiscard]] parsed<redis_target> parse_redis_url(std::string_view text);

/// The inverse of parse_redis_url, login included, with the port written out. Not longer than
/// redis_url_bytes_max for any target that was parsed.
[[nodiscard]] std::string format_redis_url(const redis_target& target);

}  // namespace turnomatic::app
