// The four forms of a request target (RFC 9112 section 3.2) and the Host field.
#pragma once

#include <cstdint>
#include <string_view>

namespace turnomatic::http {

enum class method : std::uint8_t;

/// The path within `target`, without the query: the target's own path in origin form, the path
/// after the authority in absolute form ("/" if there is none). Empty for any other target.
[[nodiscard]] std::string_view path_in(std::string_view target) noexcept;

/// Whether `target`, which is visible ASCII, has a form that `m` allows: an authority with a port
/// for CONNECT; origin or absolute form for all others, and "*" as well for OPTIONS.
[[nodiscard]] bool is_target_of(method m, std::string_view target) noexcept;

/// Whether `value` may stand in a Host field: empty, or a host with an optional port.
[[nodiscard]] bool is_host_value(std::string_view value) noexcept;

}  // namespace turnomatic::http
