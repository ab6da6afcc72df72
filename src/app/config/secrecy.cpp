#include "app/config/secrecy.hpp"

namespace turnomatic::app {

namespace {

constexpr std::string_view redacted = "<redacted>";

// The login ends at the last '@' of the whole text, not of the authority alone: a password
// with an unescaped '/' in it would otherwise be cut in the middle and shown.
std::string without_login(std::string_view url) {
  const auto at = url.rfind('@');
  if (at == std::string_view::npos) {
    return std::string{url};
  }
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos || scheme > at) {
    return std::string{redacted};
  }
  return std::string{url.substr(0, scheme + 3)}.append(redacted).append(url.substr(at));
}

}  // namespace

std::string shown(secrecy kind, std::string_view text) {
  switch (kind) {
    case secrecy::secret:
      return std::string{redacted};
    case secrecy::url_with_login:
      return without_login(text);
    case secrecy::open:
      break;
  }
  return std::string{text};
}

std::string shown_refused(secrecy kind, std::string_view text) {
  return std::string{kind == secrecy::open ? text : redacted};
}

std::string shown_stray(std::string_view text) {
  const bool suspect =
      text.find("://") != std::string_view::npos || text.find('@') != std::string_view::npos;
  return std::string{suspect ? redacted : text};
}

}  // namespace turnomatic::app
