#include "load/target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace turnomatic::bench {
namespace {

using boost::asio::ip::tcp;

// Whether `where` accepts a connection within `patience`.
bool accepts(const tcp::endpoint& where, std::chrono::milliseconds patience) {
  boost::asio::io_context context;
  tcp::socket socket{context};
  bool connected = false;
  socket.async_connect(where, [&](boost::system::error_code error) { connected = !error; });
  context.run_for(patience);
  return connected;
}

complaint about(std::string_view url, const std::string& what) {
  return {std::string{url} + ": " + what};
}

bool is_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc{} && stop == end && port != 0;
}

bool is_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

// By hand: Boost.URL 1.81 takes the numbers that a name such as 10.0.0.1.nip.io begins with for the
// whole host, and a port modulo 65536. Returns what is wrong; nothing if all is well.
const char* take_authority(std::string_view authority, target& to) {
  const bool bracketed = authority.starts_with('[');
  const auto host_end = std::min(authority.find(bracketed ? ']' : ':'), authority.size());
  std::string_view host = authority.substr(0, host_end);
  std::string_view tail = authority.substr(host_end);
  if (bracketed) {
    host.remove_prefix(1);
    if (!boost::urls::parse_ipv6_address(host) || !tail.starts_with(']'))
      return "no IPv6 address between the brackets";
    tail.remove_prefix(1);
  }
  if (!bracketed && !is_name(host))
    return "no host";
  if (!tail.empty() && (tail.front() != ':' || !is_port(tail.substr(1))))
    return "no such port";
  to.host = host;
  to.port = tail.empty() ? (to.tls ? "443" : "80") : tail.substr(1);
  to.host_field = authority;
  return nullptr;
}

}  // namespace

boost::system::result<target, complaint> parse_target(std::string_view url) {
  target result;
  result.url = url;
  result.tls = url.starts_with("https://");
  if (!result.tls && !url.starts_with("http://"))
    return about(url, "not a URL such as http://127.0.0.1:7017");
  const std::string_view rest = url.substr(url.find("//") + 2);
  if (rest.find_first_of("@?#") != std::string_view::npos)
    return about(url, "user, query and fragment have no place in a base URL");
  const auto authority_end = std::min(rest.find('/'), rest.size());
  if (const char* const wrong = take_authority(rest.substr(0, authority_end), result))
    return about(url, wrong);
  result.prefix = rest.substr(authority_end);
  if (!result.prefix.empty() && !boost::urls::parse_origin_form(result.prefix))
    return about(url, "no path of a URL");
  while (result.prefix.ends_with('/'))
    result.prefix.pop_back();
  return result;
}

boost::system::result<void, complaint> find_address(target& where,
                                                    std::chrono::milliseconds patience) {
  boost::asio::io_context context;
  tcp::resolver resolver{context};
  boost::system::error_code error;
  const auto found = resolver.resolve(where.host, where.port, error);
  if (error)
    return about(where.url, "cannot resolve " + where.host + ": " + error.message());
  for (const auto& entry : found) {
    if (accepts(entry.endpoint(), patience)) {
      where.address = entry.endpoint();
      return {};
    }
  }
  return about(where.url, "nothing accepts connections there");
}

}  // namespace turnomatic::bench
