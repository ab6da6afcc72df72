#include "app/config/endpoint_text.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace turnomatic::app {

namespace {

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

}  // namespace

std::string canonical_ipv6(std::string_view text) {
  return canonical_address(AF_INET6, text);
}

parsed<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return invalid_value{"expected HOST:PORT, such as 127.0.0.1:7017 or [::1]:7017"};
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find(':') != std::string_view::npos) {
    return invalid_value{"expected an IPv6 address in brackets, such as [::1]:7017"};
  }
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  endpoint value;
  value.host = canonical_address(bracketed ? AF_INET6 : AF_INET, host);
  if (value.host.empty()) {
    return invalid_value{
        "expected a numeric address before the port, such as 127.0.0.1 or [::1]; "
        "names are not resolved"};
  }
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value.port);
  if (digits.empty() || error != std::errc{} || stop != end) {
    return invalid_value{"expected a port from 0 to 65535 after the last colon"};
  }
  return value;
}

std::string format_endpoint(const endpoint& value) {
  const bool ipv6 = value.host.find(':') != std::string::npos;
  return (ipv6 ? '[' + value.host + ']' : value.host) + ':' + std::to_string(value.port);
}

}  // namespace turnomatic::app
