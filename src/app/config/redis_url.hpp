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
///     redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT],HOST[:PORT].../PRIMARY[/DB]
///     redis+cluster://[[USER]:PASSWORD@]HOST[:PORT],HOST[:PORT]...
///
/// with rediss for redis over TLS in the latter two as well, and valkey and valkeys for redis and
/// rediss. `USER@` is a user without a password, `?db=DB` names the database of any of them,
/// PRIMARY is the name by which the sentinels know the primary, and %XX in user, password and path
/// stands for a byte. Strict (RFC 3986): a user or password that holds another byte than those that
/// may stand for themselves must have it escaped, so that no part is taken for another.
[[nodiscard]] parsed<redis_target> parse_redis_url(std::string_view text);

/// The inverse of parse_redis_url, login included, with the port written out. Not longer than
/// redis_url_bytes_max for any target that was parsed.
[[nodiscard]] std::string format_redis_url(const redis_target& target);

}  // namespace turnomatic::app
