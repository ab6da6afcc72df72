#include "app/config/redis_url.hpp"

#include "app/config/redis_hosts.hpp"

#include <boost/url/encode.hpp>
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

constexpr std::size_t primary_bytes_max = 64;
constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
static_assert(path_bytes_max == 107, "a message below says so");
constexpr std::uint16_t redis_port = 6379;
constexpr std::uint16_t sentinel_port = 26379;
constexpr std::uint32_t database_max = 2'147'483'647;  // SELECT takes an int

// RFC 3986 section 3.2.1.
constexpr urls::grammar::lut_chars login_chars = urls::unreserved_chars + urls::sub_delim_chars;
// sentinel.conf: "The valid charset is A-z 0-9 and the three characters ".-_"."
constexpr urls::grammar::lut_chars primary_chars = urls::unreserved_chars - '~';
constexpr urls::grammar::lut_chars path_chars = urls::unreserved_chars + '/';

bool consists_of(std::string_view text, const urls::grammar::lut_chars& allowed) {
  return std::all_of(text.begin(), text.end(), allowed);
}

// The URL cut at its delimiters; nothing is decoded. Boost.URL would do that as well, but of a text
// that is no URL it does not tell which part is to blame.
struct url_parts {
  std::string_view scheme;
  std::optional<std::string_view> login{};  // before the '@'
  std::string_view place{};                 // behind it: hosts and ports
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

// Of `/mymaster/0`, whether or not it can be one: `mymaster`.
std::string_view primary_in(const url_parts& from) {
  const std::string_view path = from.path.substr(std::min<std::size_t>(1, from.path.size()));
  return path.substr(0, path.find('/'));
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

// The part of a scheme behind its plus, or nothing.
std::optional<redis_topology> topology_of(std::string_view suffix) {
  if (suffix.empty()) {
    return redis_topology::single;
  }
  if (suffix == "+sentinel") {
    return redis_topology::sentinel;
  }
  return suffix == "+cluster" ? std::optional{redis_topology::cluster} : std::nullopt;
}

problem take_scheme(const url_parts& from, redis_target& to) {
  if (from.is_socket()) {
    return std::nullopt;
  }
  const auto plus = std::min(from.scheme.find('+'), from.scheme.size());
  const std::string_view base = from.scheme.substr(0, plus);
  const auto topology = topology_of(from.scheme.substr(plus));
  to.tls = base == "rediss" || base == "valkeys";
  if (!topology || (!to.tls && base != "redis" && base != "valkey")) {
    return invalid_value{
        "expected redis://, rediss://, valkey://, valkeys:// or unix:// at the beginning, or one "
        "of the first four with +sentinel before its colon"};
  }
  to.topology = *topology;
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

problem take_hosts(const url_parts& from, redis_target& to) {
  if (to.topology == redis_topology::single) {
    auto host = parse_redis_host(from.place, redis_port);
    if (!host) {
      return host.error();
    }
    to.hosts = {std::move(*host)};
    return std::nullopt;
  }
  auto hosts = parse_redis_hosts(
      from.place, to.topology == redis_topology::sentinel ? sentinel_port : redis_port);
  if (!hosts) {
    return hosts.error();
  }
  to.hosts = std::move(*hosts);
  return std::nullopt;
}

problem take_place(const url_parts& from, redis_target& to) {
  return from.is_socket() ? take_socket(from, to) : take_hosts(from, to);
}

// The first segment of the path, which sentinels know the primary by.
problem take_primary(const url_parts& from, redis_target& to) {
  if (to.topology != redis_topology::sentinel) {
    return std::nullopt;
  }
  const std::string_view name = primary_in(from);
  if (name.empty() || name.size() > primary_bytes_max || !consists_of(name, primary_chars)) {
    return invalid_value{
        "expected the name by which the sentinels know the primary, 1 to 64 of A-Z a-z 0-9 - . _, "
        "behind a slash after the last of them, such as redis+sentinel://HOST:26379,HOST/mymaster"};
  }
  to.primary = name;
  return std::nullopt;
}

// `N` of `/N` or `?db=N`, or 0 without one; nothing if it is written in any other way.
std::optional<std::string_view> database_text(const url_parts& from, redis_topology topology) {
  std::string_view path = from.is_socket() ? std::string_view{} : from.path;
  if (topology == redis_topology::sentinel) {
    path.remove_prefix(std::min(1 + primary_in(from).size(), path.size()));
  }
  const bool in_path = path.size() > 1;  // a slash alone names none
  if (!from.query) {
    return in_path ? path.substr(1) : "0";
  }
  const auto parameters = urls::parse_query(*from.query);
  if (in_path || !parameters || parameters->size() != 1) {
    return std::nullopt;
  }
  const auto only = *parameters->begin();
  return only.key == "db" ? std::optional<std::string_view>{only.value} : std::nullopt;
}

problem take_database(const url_parts& from, redis_target& to) {
  const auto digits = database_text(from, to.topology);
  if (!digits) {
    return invalid_value{"expected no query but ?db=N, and that only without /N"};
  }
  const auto* const end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, to.database);
  if (error != std::errc{} || stop != end || to.database > database_max) {
    return invalid_value{"expected a database from 0 to 2147483647"};
  }
  if (to.topology == redis_topology::cluster && to.database != 0) {
    return invalid_value{"expected no database but 0, as a cluster has no other"};
  }
  return std::nullopt;
}

std::string scheme_of(const redis_target& target) {
  std::string scheme = target.tls ? "rediss" : "redis";
  switch (target.topology) {
    case redis_topology::single:
      break;
    case redis_topology::sentinel:
      scheme += "+sentinel";
      break;
    case redis_topology::cluster:
      scheme += "+cluster";
      break;
  }
  return scheme + "://";
}

std::string place_of(const redis_target& target) {
  std::string place;
  for (const redis_host& each : target.hosts) {
    place += (place.empty() ? "" : ",") + to_string(each);
  }
  return target.topology == redis_topology::sentinel ? place + '/' + target.primary : place;
}

}  // namespace

parsed<redis_target> parse_redis_url(std::string_view text) {
  if (auto wrong = check_bytes(text)) {
    return std::move(*wrong);
  }
  const url_parts parts = cut(text);
  redis_target target;
  for (const auto take : {take_scheme, take_login, take_place, take_primary, take_database}) {
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
  std::string url = is_socket ? "unix://" : scheme_of(target);
  if (!target.user.empty() || !target.password.empty()) {
    url += urls::encode(target.user, login_chars);
    if (!target.password.empty()) {
      url += ':' + urls::encode(target.password, login_chars);
    }
    url += '@';
  }
  url += is_socket ? urls::encode(target.unix_path, path_chars) : place_of(target);
  if (target.database != 0) {
    url += (is_socket ? "?db=" : "/") + std::to_string(target.database);
  }
  return url;
}

}  // namespace turnomatic::app
