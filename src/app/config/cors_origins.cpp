#include "app/config/cors_origins.hpp"

#include "app/config/endpoint_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace turnomatic::app {

namespace {

constexpr std::size_t host_max = 253;  // RFC 1035 section 2.3.4, without the final dot
constexpr const char* shape = "SCHEME://HOST or SCHEME://HOST:PORT";

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Not std::tolower, which follows the locale.
std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

// RFC 3986 section 3.1.
bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
         });
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= host_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
         });
}

// In the form in which it is sent; empty if it is none.
std::string host_of(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    const std::string address = canonical_ipv6(text.substr(1, text.size() - 2));
    return address.empty() ? address : '[' + address + ']';
  }
  return is_name(text) ? std::string{text} : std::string{};
}

// With its colon; empty if it is the default of the scheme.
std::optional<std::string> port_of(std::string_view text, std::string_view scheme) {
  std::uint16_t port = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || stop != end || port == 0) {
    return std::nullopt;
  }
  const bool is_default = (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
  return is_default ? std::string{} : ':' + std::to_string(port);
}

std::optional<refusal> assign(configuration& target, const texts& value) {
  std::vector<std::string> origins;
  // A source can take back what a weaker one says, also where it cannot write an empty list.
  const bool is_empty = value.size() == 1 && value.front().empty();
  for (const auto& text : is_empty ? texts{} : value) {
    const auto one = parse_origin(text);
    if (!one) {
      return refusal{text, one.error().reason};
    }
    if (std::find(origins.begin(), origins.end(), *one) != origins.end()) {
      return refusal{text, "the origin is listed twice"};
    }
    origins.push_back(*one);
  }
  if (origins.size() > cors_origins_max) {
    return refusal{{}, "expected at most " + std::to_string(cors_origins_max) + " origins"};
  }
  target.http.cors_origins = std::move(origins);
  return std::nullopt;
}

}  // namespace

parsed<std::string> parse_origin(std::string_view text) {
  invalid_value invalid{std::string{"expected "} + shape +
                        ", such as https://shop.example; no path, no *"};
  const std::string lowered = lower(text);
  const std::string_view whole = lowered;
  const auto scheme_end = std::min(whole.find("://"), whole.size());
  const std::string_view scheme = whole.substr(0, scheme_end);
  if (scheme_end == whole.size() || !is_scheme(scheme)) {
    return invalid;
  }
  const std::string_view authority = whole.substr(scheme_end + 3);
  const auto bracket = authority.rfind(']');
  const auto colon = std::min(authority.find(':', bracket == std::string_view::npos ? 0 : bracket),
                              authority.size());
  const std::string host = host_of(authority.substr(0, colon));
  if (host.empty()) {
    return invalid;
  }
  std::string port;
  if (colon < authority.size()) {
    const auto given = port_of(authority.substr(colon + 1), scheme);
    if (!given) {
      return invalid;
    }
    port = *given;
  }
  return {boost::system::in_place_value, std::string{scheme} + "://" + host + port};
}

key cors_origins_key() {
  key made;
  made.name = "http.cors_origins";
  made.shape = toml_shape::list_of_strings;
  made.changes = lifetime::live;
  made.unit = "origins";
  made.placeholder = "ORIGIN";
  made.range = "at most " + std::to_string(cors_origins_max) + "; " + shape;
  made.expected = std::string{"an array of "} + shape + " strings";
  made.meaning = "whose browser pages may take turns besides those of the service's own origin";
  made.assign = assign;
  made.format = [](const configuration& from) { return from.http.cors_origins; };
  return made;
}

}  // namespace turnomatic::app
