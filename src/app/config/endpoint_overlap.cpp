#include "app/config/endpoint_overlap.hpp"

#include <algorithm>
#include <string_view>

namespace turnomatic::app {

namespace {

constexpr std::string_view all_ipv4 = "0.0.0.0";
constexpr std::string_view all_ipv6 = "::";

bool is_ipv6(std::string_view address) {
  return address.find(':') != std::string_view::npos;
}

bool includes(std::string_view one, std::string_view other) {
  return one == other || one == (is_ipv6(other) ? all_ipv6 : all_ipv4);
}

// Every look-up gives addresses of this machine, and all of those are included.
bool is_everything(const endpoint& of) {
  return of.host == "*";
}

}  // namespace

std::vector<std::string> known_addresses(const std::string& host) {
  if (host == "*") {
    return {std::string{all_ipv4}, std::string{all_ipv6}};
  }
  if (host == "localhost") {
    return {"127.0.0.1", "::1"};
  }
  const bool is_ipv4 = host.find_first_not_of("0123456789.") == std::string::npos;
  return is_ipv4 || is_ipv6(host) ? std::vector{host} : std::vector<std::string>{};
}

bool overlap(const endpoint& one, const endpoint& other) {
  if (!one.unix_path.empty() || !other.unix_path.empty()) {
    return one.unix_path == other.unix_path;
  }
  if (one.port != other.port || one.port == 0) {
    return false;
  }
  if (one.host == other.host || is_everything(one) || is_everything(other)) {
    return true;
  }
  const auto others = known_addresses(other.host);
  const auto ones = known_addresses(one.host);
  return std::any_of(ones.begin(), ones.end(), [&others](const auto& a) {
    return std::any_of(others.begin(), others.end(),
                       [&a](const auto& b) { return includes(a, b) || includes(b, a); });
  });
}

}  // namespace turnomatic::app
