#include "http/request_body.hpp"

namespace turnomatic::http {
namespace {

using verdict = body_result::verdict;

constexpr body_result incomplete{verdict::incomplete, {}, 0};
constexpr body_result reject(rejection why) noexcept {
  return {verdict::rejected, why, 0};
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
// RFC 9110 section 5.6.2.
constexpr bool is_token(char c) noexcept {
  return is_digit(c) || is_letter(c) ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}
constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}
// What may stand in a quoted string, behind a backslash or without one, but for the quotation mark
// and the backslash (RFC 9110 section 5.6.4).
constexpr bool is_quotable(char c) noexcept {
  return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

/// Where the reading of `last-chunk trailer-section CRLF` stands (RFC 9112 section 7.1). The
/// states up to `line_feed` are those of the last chunk's line.
enum class place : std::uint8_t {
  start,
  size,
  before_semicolon,
  before_name,
  name,
  after_name,
  before_value,
  value,
  quoted,
  escaped,
  after_quoted,
  line_feed,
  trailer,
  last_line_feed,
  end,
  content,  ///< there is some, or a trailer field
  bad
};

// Behind a part of an extension that may be its last.
constexpr place after_part(char c, place if_blank) noexcept {
  if (c == ';')
    return place::before_name;
  if (c == '\r')
    return place::line_feed;
  return is_blank(c) ? if_blank : place::bad;
}

constexpr place next_in_size(bool first, char c) noexcept {
  if (c == '0')
    return place::size;
  if (is_hex_digit(c))
    return place::content;
  return first ? place::bad : after_part(c, place::before_semicolon);
}

constexpr place next_in_name(place at, char c) noexcept {
  switch (at) {
    case place::before_semicolon:
      if (c == ';')
        return place::before_name;
      return is_blank(c) ? at : place::bad;
    case place::before_name:
      if (is_token(c))
        return place::name;
      return is_blank(c) ? at : place::bad;
    case place::name:
      if (is_token(c))
        return at;
      return c == '=' ? place::before_value : after_part(c, place::after_name);
    default:  // after_name
      if (c == '=')
        return place::before_value;
      return c == '\r' ? place::bad : after_part(c, at);
  }
}

constexpr place next_in_value(place at, char c) noexcept {
  switch (at) {
    case place::before_value:
      if (c == '"')
        return place::quoted;
      if (is_token(c))
        return place::value;
      return is_blank(c) ? at : place::bad;
    case place::value:
      return is_token(c) ? at : after_part(c, place::before_semicolon);
    case place::quoted:
      if (c == '"')
        return place::after_quoted;
      if (c == '\\')
        return place::escaped;
      return is_quotable(c) ? at : place::bad;
    case place::escaped:
      return is_quotable(c) ? place::quoted : place::bad;
    default:  // after_quoted
      return after_part(c, place::before_semicolon);
  }
}

constexpr place next(place at, char c) noexcept {
  if (at <= place::size)
    return next_in_size(at == place::start, c);
  if (at <= place::after_name)
    return next_in_name(at, c);
  if (at <= place::after_quoted)
    return next_in_value(at, c);
  if (at == place::line_feed)
    return c == '\n' ? place::trailer : place::bad;
  if (at == place::last_line_feed)
    return c == '\n' ? place::end : place::bad;
  // The beginning of the trailer section.
  if (is_token(c))
    return place::content;
  return c == '\r' ? place::last_line_feed : place::bad;
}

body_result inspect_last_chunk(std::string_view input) noexcept {
  place at = place::start;
  for (std::size_t i = 0; i < input.size(); ++i) {
    at = next(at, input[i]);
    if (at == place::end)
      return {verdict::complete, {}, i + 1};
    if (at == place::bad)
      return reject(rejection::bad_framing);
    if (at == place::content || (at < place::line_feed && i == last_chunk_line_max))
      return reject(rejection::body_not_allowed);
  }
  return incomplete;
}

}  // namespace

body_result inspect_body(body_framing framing, std::string_view input) noexcept {
  switch (framing.kind) {
    case body_kind::none:
      break;
    case body_kind::length:
      if (input.size() < framing.length)
        return incomplete;
      return {verdict::complete, {}, framing.length};
    case body_kind::chunked:
      return inspect_last_chunk(input);
  }
  return {verdict::complete, {}, 0};
}

}  // namespace turnomatic::http
