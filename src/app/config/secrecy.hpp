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

/// `text`, the value of a key, as a reader may see it. Where a login could hide in a malformed
/// URL, more is withheld rather than less.
[[nodiscard]] std::string shown(secrecy kind, std::string_view text);

/// A text that was refused as such a value. A refused URL is withheld whole: where it is wrong,
/// nobody knows which of its parts is the password.
[[nodiscard]] std::string shown_refused(secrecy kind, std::string_view text);

/// A text that belongs to no key, such as an argument without a flag or the name of a key that does
/// not exist. What looks like a URL or a login is withheld: it was meant for a key that it did not
/// reach.
[[nodiscard]] std::string shown_stray(std::string_view text);

}  // namespace turnomatic::app
