#include "app/config/redis_hosts.hpp"

#include <boost/url/ipv6_address.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace turnomatic::app {

namespace {

namespace urls = boost::urls;

constexpr std::size_t host_bytes_max = 253;  // of a name in the DNS, RFC 1035
static_assert(redis_hosts_max == 16, "a message below says so");

constexpr urls::grammar::lut_chars name_chars = urls::unreserved_chars - '~';

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t port = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc{} && stop == end && port != 0 ? std::optional{port} : std::nullopt;
}

}  // namespace

// By hand: Boost.URL 1.81 takes the numbers that a name such as 10.0.0.1.nip.io begins with for the
// whole host, and a port modulo 65536.
parsed<redis_host> parse_redis_host(std::string_view text, std::uint16_t default_port) {
  const bool bracketed = text.starts_with('[');
  const auto host_end = std::min(text.find(bracketed ? ']' : ':'), text.size());
  const std::string_view host = text.substr(0, host_end);
  std::string_view tail = text.substr(host_end);
  redis_host made{std::string{host}, default_port};
  if (bracketed) {
    const auto address = urls::parse_ipv6_address(host.substr(1));
    if (!address || !tail.starts_with(']') || (tail.size() > 1 && tail[1] != ':')) {
      return invalid_value{
          "expected an IPv6 address between the brackets, such as [::1], and nothing behind them "
          "but :PORT"};
    }
    tail.remove_prefix(1);
    made.name = address->to_string();
  }
  if (!tail.empty()) {
    const auto port = port_of(tail.substr(1));
    if (!port) {
      return invalid_value{
          "expected a port from 1 to 65535 behind the colon, and an IPv6 address in brackets"};
    }
    made.port = *port;
  }
  if (!bracketed && (host.empty() || host.size() > host_bytes_max ||
                     !std::all_of(host.begin(), host.end(), name_chars))) {
    return invalid_value{
        "expected a host, 1 to 253 of A-Z a-z 0-9 - . _ or an IPv6 address in brackets"};
  }
  return made;
}

parsed<std::vector<redis_host>> parse_redis_hosts(std::string_view text,
                                                  std::uint16_t default_port) {
  std::vector<redis_host> hosts;
  for (bool last = false; !last;) {
    const auto comma = std::min(text.find(','), text.size());
    auto host = parse_redis_host(text.substr(0, comma), default_port);
    if (!host) {
      return host.error();
    }
    if (std::find(hosts.begin(), hosts.end(), *host) != hosts.end()) {
      return invalid_value{"expected each host once"};
    }
    hosts.push_back(std::move(*host));
    if (hosts.size() > redis_hosts_max) {
      return invalid_value{"expected at most 16 hosts"};
    }
    last = comma == text.size();
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return hosts;
}

}  // namespace turnomatic::app
