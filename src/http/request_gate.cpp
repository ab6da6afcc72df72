#include "http/request_gate.hpp"

#include <algorithm>
#include <array>

namespace turnomatic::http {
namespace {

using verdict = gate_result::verdict;

constexpr gate_result incomplete{verdict::incomplete, {}, 0, 0};
constexpr gate_result reject(rejection why) {
  return {verdict::rejected, why, 0, 0};
}

constexpr bool is_target_byte(char c) noexcept {
  return c > 0x20 && c < 0x7f && c != '#';
}

// RFC 9110 section 5.5: field-vchar (which includes obs-text), SP and HTAB.
constexpr bool is_field_byte(char c) noexcept {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 0x20 && u != 0x7f) || u == '\t';
}

// RFC 9110 section 5.6.2.
constexpr auto token_table = [] {
  std::array<bool, 256> table{};
  for (int c = 0x21; c < 0x7f; ++c)
    table[static_cast<std::size_t>(c)] = true;
  for (const char c : std::string_view{"\"(),/:;<=>?@[\\]{}"})
    table[static_cast<unsigned char>(c)] = false;
  return table;
}();

// Written without an early exit so that the compiler can look at many bytes at a time.
bool all_field_bytes(std::string_view line) noexcept {
  bool ok = true;
  for (const char c : line)
    ok &= is_field_byte(c);
  return ok;
}

bool all_target_bytes(std::string_view target) noexcept {
  bool ok = true;
  for (const char c : target)
    ok &= is_target_byte(c);
  return ok;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return token_table[static_cast<unsigned char>(c)];
  });
}

struct request_line_check {
  bool ok;
  rejection why;
};

request_line_check check_request_line(std::string_view line) noexcept {
  const std::size_t method_end = line.find(' ');
  if (method_end == std::string_view::npos || !is_token(line.substr(0, method_end)))
    return {false, rejection::malformed};
  const std::size_t version_begin = line.rfind(' ') + 1;
  if (version_begin == method_end + 1)
    return {false, rejection::malformed};

  const std::string_view target = line.substr(method_end + 1, version_begin - method_end - 2);
  if (target.empty() || !all_target_bytes(target))
    return {false, rejection::bad_target};

  const std::string_view version = line.substr(version_begin);
  if (version == "HTTP/1.1" || version == "HTTP/1.0")
    return {true, {}};
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") &&
                           is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  return {false, well_formed ? rejection::version_unsupported : rejection::malformed};
}

// A line still without its end: is it already certain to be refused? Catches what will never
// send a line end (a TLS hello, a binary protocol) before the header timeout would.
bool is_hopeless(std::string_view partial) noexcept {
  if (partial.ends_with('\r'))
    partial.remove_suffix(1);
  return !all_field_bytes(partial);
}

struct line_scan {
  enum class state { found, open, bad } what;
  std::string_view text;  // without CR LF
};

// The line at the start of `input`; looks at no more than `size_max` bytes and a line end.
line_scan next_line(std::string_view input, std::size_t size_max) noexcept {
  const std::string_view window = input.substr(0, size_max + 2);
  const std::size_t end = window.find('\n');
  if (end == std::string_view::npos)
    return {line_scan::state::open, window};
  if (end == 0 || window[end - 1] != '\r')
    return {line_scan::state::bad, window.substr(0, end)};
  return {line_scan::state::found, window.substr(0, end - 1)};
}

}  // namespace

gate_result inspect_head(std::string_view input) noexcept {
  std::size_t position = 0;
  // RFC 9112 section 2.2: one empty line before the request line is ignored, for clients
  // that send one after a body.
  if (input.starts_with('\r')) {
    if (input.size() == 1)
      return incomplete;
    if (input[1] != '\n')
      return reject(rejection::malformed);
    position = 2;
  }
  const std::size_t head_begin = position;

  const line_scan first = next_line(input.substr(position), request_line_max);
  switch (first.what) {
    case line_scan::state::bad:
      return reject(rejection::malformed);
    case line_scan::state::open:
      if (is_hopeless(first.text))
        return reject(rejection::malformed);
      return first.text.size() == request_line_max + 2 ? reject(rejection::target_too_long)
                                                       : incomplete;
    case line_scan::state::found:
      break;
  }
  const request_line_check line = check_request_line(first.text);
  if (!line.ok)
    return reject(line.why);
  position += first.text.size() + 2;

  const std::size_t header_begin = position;
  for (std::size_t fields = 0;; ++fields) {
    const std::size_t room = header_max - (position - header_begin);
    const line_scan field = next_line(input.substr(position), room);
    if (field.what == line_scan::state::bad)
      return reject(rejection::malformed);
    if (field.what == line_scan::state::open) {
      if (is_hopeless(field.text))
        return reject(rejection::malformed);
      return field.text.size() == room + 2 ? reject(rejection::header_too_large) : incomplete;
    }
    if (field.text.empty())
      return {verdict::accepted, {}, head_begin, position + 2};
    // A line that begins with white space continues the one before it (obs-fold) or hides
    // behind the request line; both are refused (RFC 9112 sections 2.2 and 5.2).
    if (field.text.front() == ' ' || field.text.front() == '\t' || !all_field_bytes(field.text))
      return reject(rejection::malformed);
    position += field.text.size() + 2;
    if (fields == fields_max || position - header_begin > header_max)
      return reject(rejection::header_too_large);
  }
}

}  // namespace turnomatic::http
