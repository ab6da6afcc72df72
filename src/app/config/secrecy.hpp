// Which values may be shown, in --print-config and in error messages.
#pragma once

#include <string>
#include <string_view>

namespace turnomatic::app {

enum class secrecy {
  open,            ///< shown as it is
  secret,          ///< never shown
  url_with_login,  ///< a URL; its user and password are not shown
};

/// `text` as a reader may see it. Where a login could hide in a malformed URL, more is
/// withheld rather than less.
[[nodiscard]] std::string shown(secrecy kind, std::string_view text);

}  // namespace turnomatic::app
