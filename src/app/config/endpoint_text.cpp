#include "app/config/endpoint_text.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace turnomatic::app {

namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view mode_prefix = "?mode=";
constexpr std::string_view ipv4_mapped = "::ffff:";
constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
static_assert(path_bytes_max == 107, "a message below says so");
constexpr std::size_t name_bytes_max = 253;  // RFC 1035

// The shortest form of a numeric address of this family, empty if `host` is none.
std::string canonical_address(int family, std::string_view host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const std::string terminated{host};
  // inet_pton stops at a NUL and would take the part before it for the whole.
  if (host.find('\0') != std::string_view::npos ||
      inet_pton(family, terminated.c_str(), address.data()) != 1 ||
      inet_ntop(family, address.data(), text.data(), text.size()) == nullptr) {
    return {};
  }
  return text.data();
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <class Number>
bool read_whole(std::string_view digits, int base, Number& into) {
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, into, base);
  return !digits.empty() && error == std::errc{} && stop == end;
}

using problem = std::optional<invalid_value>;

// Without an IPv6 address' brackets, if it had any.
struct endpoint_parts {
  std::string_view host{};
  std::optional<std::string_view> port{};
  bool ipv6{false};
};

// `2001:db8::1:7017` could be an address, or another one and a port.
bool is_ambiguous_ipv6(std::string_view text) {
  const auto colon = text.rfind(':');
  const std::string_view last = text.substr(colon + 1);
  return !last.empty() && std::all_of(last.begin(), last.end(), is_digit) &&
         !canonical_ipv6(text.substr(0, colon)).empty();
}

parsed<endpoint_parts> cut(std::string_view text) {
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    const std::string_view rest = text.substr(std::min(bracket, text.size() - 1) + 1);
    if (bracket == std::string_view::npos || (!rest.empty() && rest.front() != ':')) {
      return invalid_value{"expected an IPv6 address in brackets, such as [::1]:7017"};
    }
    endpoint_parts parts{text.substr(1, bracket - 1), std::nullopt, true};
    if (!rest.empty()) {
      parts.port = rest.substr(1);
    }
    return parts;
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    const bool port_alone = !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
    return port_alone ? endpoint_parts{"*", text} : endpoint_parts{text};
  }
  if (colon == text.rfind(':')) {
    return endpoint_parts{colon == 0 ? "*" : text.substr(0, colon), text.substr(colon + 1)};
  }
  if (canonical_ipv6(text).empty() || is_ambiguous_ipv6(text)) {
    return invalid_value{"expected an IPv6 address in brackets, such as [::1]:7017"};
  }
  return endpoint_parts{text, std::nullopt, true};
}

// Whether a resolver would take it for a number rather than for a name: 127.1, 0x7f.1.
bool ends_in_a_number(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return last.empty() || std::all_of(last.begin(), last.end(), is_digit) || last.starts_with("0x");
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

bool is_name(std::string_view host) {
  constexpr std::string_view symbols = "-._";
  const bool well_formed = std::all_of(host.begin(), host.end(), [symbols](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || symbols.find(c) != std::string_view::npos;
  });
  return well_formed && !host.empty() && host.size() <= name_bytes_max && host.front() != '-' &&
         !ends_in_a_number(host);
}

problem take_host(const endpoint_parts& from, endpoint& to) {
  if (from.ipv6) {
    to.host = canonical_ipv6(from.host);
    if (to.host.starts_with(ipv4_mapped) && to.host.find('.') != std::string::npos) {
      to.host.erase(0, ipv4_mapped.size());
    }
    if (to.host == "::") {
      to.host = "*";
    }
  } else if (from.host == "*") {
    to.host = from.host;
  } else if (to.host = canonical_address(AF_INET, from.host); to.host.empty()) {
    const std::string name = lower_case(from.host);
    to.host = is_name(name) ? name : std::string{};
  }
  if (to.host.empty()) {
    return invalid_value{
        "expected an address such as 127.0.0.1 or [::1], a name, or * for all addresses"};
  }
  return std::nullopt;
}

parsed<endpoint> parse_unix(std::string_view text) {
  endpoint value;
  const auto query = std::min(text.find('?'), text.size());
  const std::string_view path = text.substr(0, query);
  const bool printable =
      std::all_of(path.begin(), path.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (!path.starts_with('/') || path.size() < 2 || path.size() > path_bytes_max || !printable) {
    return invalid_value{
        "expected an absolute path of 2 to 107 bytes of printable ASCII after unix:, such as "
        "unix:/run/turnomatic.sock"};
  }
  value.unix_path = path;
  text.remove_prefix(query);
  if (!text.empty() && (!text.starts_with(mode_prefix) ||
                        !read_whole(text.substr(mode_prefix.size()), 8, value.unix_mode) ||
                        value.unix_mode > 0777)) {
    return invalid_value{"expected nothing after the path but its permissions, such as ?mode=0660"};
  }
  return value;
}

std::string format_unix(const endpoint& value) {
  std::string text = std::string{unix_prefix} + value.unix_path;
  if (value.unix_mode != endpoint{}.unix_mode) {
    std::array<char, 8> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), value.unix_mode, 8);
    text.append(mode_prefix).append(1, '0').append(digits.data(), end);
  }
  return text;
}

}  // namespace

std::string canonical_ipv6(std::string_view text) {
  return canonical_address(AF_INET6, text);
}

parsed<endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  if (text.empty()) {
    return invalid_value{
        "expected HOST:PORT, PORT or unix:/PATH, such as 127.0.0.1:7017 or [::1]:7017"};
  }
  if (text.starts_with(unix_prefix)) {
    return parse_unix(text.substr(unix_prefix.size()));
  }
  const auto parts = cut(text);
  if (!parts) {
    return parts.error();
  }
  endpoint value;
  if (auto wrong = take_host(*parts, value)) {
    return std::move(*wrong);
  }
  value.port = default_port;
  if (parts->port && !read_whole(*parts->port, 10, value.port)) {
    return invalid_value{"expected a port from 0 to 65535 after the last colon"};
  }
  return value;
}

std::string format_endpoint(const endpoint& value) {
  if (!value.unix_path.empty()) {
    return format_unix(value);
  }
  const bool ipv6 = value.host.find(':') != std::string::npos;
  return (ipv6 ? '[' + value.host + ']' : value.host) + ':' + std::to_string(value.port);
}

}  // namespace turnomatic::app
