#include "app/config/redis_url.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/sub_delim_chars.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace turnomatic::app {

namespace {

namespace urls = boost::urls;

constexpr std::size_t host_bytes_max = 253;  // of a name in the DNS, RFC 1035
constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
static_assert(path_bytes_max == 107, "a message below says so");
constexpr std::uint32_t database_max = 2'147'483'647;  // SELECT takes an int

// RFC 3986 section 3.2.1.
constexpr urls::grammar::lut_chars login_chars = urls::unreserved_chars + urls::sub_delim_chars;
constexpr urls::grammar::lut_chars name_chars = urls::unreserved_chars - '~';
constexpr urls::grammar::lut_chars path_chars = urls::unreserved_chars + '/';

bool consists_of(std::string_view text, const urls::grammar::lut_chars& allowed) {
  return std::all_of(text.begin(), text.end(), allowed);
}

// The URL cut at its delimiters; nothing is decoded. Boost.URL would do that as well, but of a text
// that is no URL it does not tell which part is to blame.
struct url_parts {
  std::string_view scheme;
  std::optional<std::string_view> login{};  // before the '@'
  std::string_view place{};                 // behind it: host and port
  std::string_view path{};                  // with its leading slash
  std::optional<std::string_view> query{};  // behind the '?'

  [[nodiscard]] bool is_socket() const noexcept { return scheme == "unix"; }
};

url_parts cut(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return {{}};
  }
  url_parts parts{text.substr(0, scheme_end)};
  text.remove_prefix(scheme_end + 3);
  if (const auto mark = text.find('?'); mark != std::string_view::npos) {
    parts.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const auto slash = std::min(text.find('/'), text.size());
  parts.path = text.substr(slash);
  parts.place = text.substr(0, slash);
  if (const auto at = parts.place.rfind('@'); at != std::string_view::npos) {
    parts.login = parts.place.substr(0, at);
    parts.place.remove_prefix(at + 1);
  }
  return parts;
}

using problem = std::optional<invalid_value>;

problem check_bytes(std::string_view text) {
  if (text.size() > redis_url_bytes_max) {
    return invalid_value{"expected at most 1024 bytes"};
  }
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c > 0x7e; })) {
    return invalid_value{"expected printable ASCII without blanks, any other byte as %XX"};
  }
  if (text.find('#') != std::string_view::npos) {
    return invalid_value{"expected no #, or as %23 in a user or password"};
  }
  return std::nullopt;
}

problem take_scheme(const url_parts& from, redis_target& to) {
  if (from.scheme == "redis+sentinel") {
    return invalid_value{"redis+sentinel:// is not supported by this version yet"};
  }
  if (from.scheme == "redis+cluster") {
    return invalid_value{"redis+cluster:// is not supported by this version yet"};
  }
  to.tls = from.scheme == "rediss" || from.scheme == "valkeys";
  if (!to.tls && from.scheme != "redis" && from.scheme != "valkey" && !from.is_socket()) {
    return invalid_value{
        "expected redis://, rediss://, valkey://, valkeys:// or unix:// at the beginning"};
  }
  return std::nullopt;
}

problem take_login(const url_parts& from, redis_target& to) {
  // A password with a bare '/' or '?' ends what looks like the host, and its '@' comes later.
  const auto has_at = [](std::string_view text) {
    return text.find('@') != std::string_view::npos;
  };
  const std::string_view login = from.login.value_or(std::string_view{});
  if (!consists_of(login, login_chars + ":%") || (!from.is_socket() && has_at(from.path)) ||
      has_at(from.query.value_or(std::string_view{}))) {
    return invalid_value{
        "expected every byte of user and password but A-Z a-z 0-9 - . _ ~ ! $ & ' ( ) * + , ; = "
        "as %XX, such as %40 for @ and %2F for /"};
  }
  const auto colon = std::min(login.find(':'), login.size());
  const auto user = urls::make_pct_string_view(login.substr(0, colon));
  const auto password = urls::make_pct_string_view(login.substr(std::min(colon + 1, login.size())));
  if (!user || !password) {
    return invalid_value{"expected two hexadecimal digits behind each % of user and password"};
  }
  to.user = user->decode();
  to.password = password->decode();
  return std::nullopt;
}

problem take_socket(const url_parts& from, redis_target& to) {
  if (!from.place.empty()) {
    return invalid_value{"expected nothing but USER:PASSWORD@ between unix:// and the path"};
  }
  const auto encoded = urls::make_pct_string_view(from.path);
  if (!encoded) {
    return invalid_value{"expected two hexadecimal digits behind each % of the path"};
  }
  std::string path = encoded->decode();
  if (path.size() < 2 || path.size() > path_bytes_max || path.find('\0') != std::string::npos) {
    return invalid_value{"expected an absolute path of 2 to 107 bytes, none of them NUL"};
  }
  to.unix_path = std::move(path);
  return std::nullopt;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t port = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc{} && stop == end && port != 0 ? std::optional{port} : std::nullopt;
}

// By hand: Boost.URL 1.81 takes the numbers that a name such as 10.0.0.1.nip.io begins with for the
// whole host, and a port modulo 65536.
problem take_host(const url_parts& from, redis_target& to) {
  const bool bracketed = from.place.starts_with('[');
  const auto host_end = std::min(from.place.find(bracketed ? ']' : ':'), from.place.size());
  const std::string_view host = from.place.substr(0, host_end);
  std::string_view tail = from.place.substr(host_end);
  if (bracketed) {
    const auto address = urls::parse_ipv6_address(host.substr(1));
    if (!address || !tail.starts_with(']') || (tail.size() > 1 && tail[1] != ':')) {
      return invalid_value{
          "expected an IPv6 address between the brackets, such as [::1], and nothing behind them "
          "but :PORT"};
    }
    tail.remove_prefix(1);
    to.host = address->to_string();
  } else {
    to.host = host;
  }
  if (!tail.empty()) {
    const auto port = port_of(tail.substr(1));
    if (!port) {
      return invalid_value{
          "expected a port from 1 to 65535 behind the colon, and an IPv6 address in brackets"};
    }
    to.port = *port;
  }
  if (!bracketed &&
      (host.empty() || host.size() > host_bytes_max || !consists_of(host, name_chars))) {
    return invalid_value{
        "expected a host, 1 to 253 of A-Z a-z 0-9 - . _ or an IPv6 address in brackets"};
  }
  return std::nullopt;
}

problem take_place(const url_parts& from, redis_target& to) {
  return from.is_socket() ? take_socket(from, to) : take_host(from, to);
}

// Without one, `N` of `/N` or `?db=N`; nothing if it is written in any other way.
std::optional<std::string_view> database_text(const url_parts& from) {
  // The path of a socket names no database, and neither does a slash alone.
  const bool in_path = !from.is_socket() && from.path.size() > 1;
  if (!from.query) {
    return in_path ? from.path.substr(1) : "0";
  }
  const auto parameters = urls::parse_query(*from.query);
  if (in_path || !parameters || parameters->size() != 1) {
    return std::nullopt;
  }
  const auto only = *parameters->begin();
  return only.key == "db" ? std::optional<std::string_view>{only.value} : std::nullopt;
}

problem take_database(const url_parts& from, redis_target& to) {
  const auto digits = database_text(from);
  if (!digits) {
    return invalid_value{"expected no query but ?db=N, and that only without /N"};
  }
  const auto* const end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, to.database);
  if (error != std::errc{} || stop != end || to.database > database_max) {
    return invalid_value{"expected a database from 0 to 2147483647"};
  }
  return std::nullopt;
}

}  // namespace

parsed<redis_target> parse_redis_url(std::string_view text) {
  if (auto wrong = check_bytes(text)) {
    return std::move(*wrong);
  }
  const url_parts parts = cut(text);
  redis_target target;
  for (const auto take : {take_scheme, take_login, take_place, take_database}) {
    if (auto wrong = take(parts, target)) {
      return std::move(*wrong);
    }
  }
  // What was bare or left out is written out when the URL is printed, and must be read again.
  if (format_redis_url(target).size() > redis_url_bytes_max) {
    return invalid_value{"expected at most 1024 bytes once all that it implies is written out"};
  }
  return target;
}

std::string format_redis_url(const redis_target& target) {
  const bool is_socket = !target.unix_path.empty();
  std::string url = is_socket ? "unix://" : target.tls ? "rediss://" : "redis://";
  if (!target.user.empty() || !target.password.empty()) {
    url += urls::encode(target.user, login_chars);
    if (!target.password.empty()) {
      url += ':' + urls::encode(target.password, login_chars);
    }
    url += '@';
  }
  if (is_socket) {
    url += urls::encode(target.unix_path, path_chars);
  } else {
    const bool ipv6 = target.host.find(':') != std::string::npos;
    url += (ipv6 ? '[' + target.host + ']' : target.host) + ':' + std::to_string(target.port);
  }
  if (target.database != 0) {
    url += (is_socket ? "?db=" : "/") + std::to_string(target.database);
  }
  return url;
}

}  // namespace turnomatic::app
