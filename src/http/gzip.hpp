// Content codings: gzip, for those who ask for it.
#pragma once

#include <string>
#include <string_view>

namespace turnomatic::http {

/// Whether the value of an Accept-Encoding field allows gzip (RFC 9110 section 12.5.3). A client
/// that does not name it gets none: "*" is not taken for a wish.
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding) noexcept;

/// Replaces `content` by what it is as gzip (RFC 1952). False: there is not enough memory, and it
/// stays as it was.
[[nodiscard]] bool gzip(std::string& content);

}  // namespace turnomatic::http
