// What a client may send as its Idempotency-Key.
#pragma once

#include <optional>
#include <string_view>

namespace turnomatic::http {

/// The key in the value of an Idempotency-Key field: 1 to 128 visible ASCII characters without
/// quotation mark, backslash, comma and semicolon. In quotation marks, as a string of RFC 9651,
/// which the draft wants (draft-ietf-httpapi-idempotency-key-header-07), or without, as most
/// clients send it: both are the same key. Nothing if it is none. Points into `value`.
[[nodiscard]] std::optional<std::string_view> idempotency_key_of(std::string_view value) noexcept;

}  // namespace turnomatic::http
