// The four forms of a request target (RFC 9112 section 3.2) and the Host field.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace turnomatic::http {

enum class method : std::uint8_t;

/// The path within `target`, without the query: the target's own path in origin form, the
/// path behind the authority in absolute form ("/" if there is none), "*" for OPTIONS in
/// asterisk form, empty for CONNECT in authority form. Nothing if the target has none of the
/// forms that `m` allows. `target` is visible ASCII.
[[nodiscard]] std::optional<std::string_view> path_of(std::string_view target, method m) noexcept;

/// Whether `value` may stand in a Host field: empty, or a host with an optional port.
[[nodiscard]] bool is_host_value(std::string_view value) noexcept;

}  // namespace turnomatic::http
