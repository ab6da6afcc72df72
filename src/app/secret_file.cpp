#include "app/secret_file.hpp"

#include <algorithm>

namespace turnomatic::app {
namespace {

constexpr std::string_view line_end = "\r\n";

std::size_t bytes_max(secret_kind kind) noexcept {
  return kind == secret_kind::token ? token_bytes_max : password_bytes_max;
}

std::string name_of(secret_kind kind) {
  return kind == secret_kind::token ? "token" : "password";
}

// 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
bool is_b64token(std::string_view text) noexcept {
  const auto body = text.substr(0, text.find_last_not_of('=') + 1);
  return !body.empty() && std::all_of(body.begin(), body.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"-._~+/"}.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::size_t bytes_of_secret_file(secret_kind kind) noexcept {
  return bytes_max(kind) + line_end.size();
}

boost::system::result<std::string, no_secret> secret_of(std::string_view text, secret_kind kind) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (line.empty())
    return no_secret{"no " + name_of(kind) + " in its first line"};
  if (line.size() > bytes_max(kind))
    return no_secret{"the " + name_of(kind) + " is longer than " + std::to_string(bytes_max(kind)) +
                     " bytes"};
  if (kind == secret_kind::token && !is_b64token(line))
    return no_secret{
        "not a bearer token (RFC 6750): expected A-Z a-z 0-9 - . _ ~ + / and then any number of =, "
        "without blanks"};
  return {boost::system::in_place_value, line};
}

}  // namespace turnomatic::app
