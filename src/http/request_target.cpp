#include "http/request_target.hpp"

#include "http/request.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace turnomatic::http {
namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// RFC 3986 section 3.2.2: unreserved and sub-delims.
constexpr auto reg_name_table = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    table[static_cast<std::size_t>(c)] =
        is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  }
  for (const char c : std::string_view{"-._~!$&'()*+,;="})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_percent_encoded(std::string_view text) noexcept {
  return text.size() >= 3 && text[0] == '%' && is_hex_digit(text[1]) && is_hex_digit(text[2]);
}

// How much at the start of `text` is a reg-name.
std::size_t reg_name_size(std::string_view text) noexcept {
  std::size_t size = 0;
  for (;;) {
    while (size < text.size() && reg_name_table[static_cast<unsigned char>(text[size])])
      ++size;
    if (!is_percent_encoded(text.substr(size)))
      return size;
    size += 3;
  }
}

bool is_port(std::string_view text) noexcept {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

// How much at the start of `text` is the "[...]" of an IPv6 address; 0: nothing. The characters
// are checked, not the grammar of the address.
std::size_t ip_literal_size(std::string_view text) noexcept {
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos)
    return 0;
  const auto inner = text.substr(1, close - 1);
  const bool ok = !inner.empty() && std::all_of(inner.begin(), inner.end(), [](char c) {
    return is_hex_digit(c) || c == ':' || c == '.';
  });
  return ok ? close + 1 : 0;
}

// host [":" port] with a host that is not empty. User information is refused: RFC 9110
// section 4.2.4 has recipients treat it as an error.
bool is_authority(std::string_view text) noexcept {
  const std::size_t host_size = text.starts_with('[') ? ip_literal_size(text) : reg_name_size(text);
  if (host_size == 0)
    return false;
  const std::string_view rest = text.substr(host_size);
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

std::string_view without_query(std::string_view path) noexcept {
  return path.substr(0, path.find('?'));
}

std::optional<std::string_view> absolute_form_path(std::string_view target) noexcept {
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos)
    return std::nullopt;
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!boost::beast::iequals({scheme.data(), scheme.size()}, "http") &&
      !boost::beast::iequals({scheme.data(), scheme.size()}, "https"))
    return std::nullopt;

  const std::string_view rest = target.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (!is_authority(authority))
    return std::nullopt;
  const std::string_view path = without_query(rest.substr(authority.size()));
  return path.empty() ? std::string_view{"/"} : path;
}

}  // namespace

std::string_view path_in(std::string_view target) noexcept {
  if (target.starts_with('/'))
    return without_query(target);
  return absolute_form_path(target).value_or(std::string_view{});
}

bool is_target_of(method m, std::string_view target) noexcept {
  if (m == method::connect)
    return is_authority(target) && target.find(':') != std::string_view::npos;
  return target.starts_with('/') || (m == method::options && target == "*") ||
         absolute_form_path(target);
}

bool is_host_value(std::string_view value) noexcept {
  return value.empty() || is_authority(value);
}

}  // namespace turnomatic::http
