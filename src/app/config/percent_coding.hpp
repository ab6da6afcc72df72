// Percent-encoding of the parts of a URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace turnomatic::app {

/// RFC 3986 section 2.2: they may stand for themselves in a user, a password and a path.
inline constexpr std::string_view sub_delims = "!$&'()*+,;=";

/// RFC 3986 section 2.3: letters, digits, `-`, `.`, `_` and `~`.
[[nodiscard]] bool is_unreserved(char c) noexcept;

/// `text` with each %XX undone, once; nothing if a % is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

/// The inverse. Unreserved bytes and those of `literal` stand for themselves.
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view literal);

}  // namespace turnomatic::app
