#include "http/request_gate.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace turnomatic::http {
namespace {

using verdict = gate_result::verdict;

constexpr gate_result incomplete{verdict::incomplete, {}, 0, 0, {}};
constexpr gate_result reject(rejection why) {
  return {verdict::rejected, why, 0, 0, {}};
}

constexpr std::uint8_t token_byte = 1;   // RFC 9110 section 5.6.2
constexpr std::uint8_t target_byte = 2;  // visible ASCII without '#'

constexpr auto byte_table = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0x21; c < 0x7f; ++c)
    table[c] = token_byte | target_byte;
  for (const char c : std::string_view{"\"(),/:;<=>?@[\\]{}"})
    table[static_cast<unsigned char>(c)] = target_byte;
  table['#'] = token_byte;
  return table;
}();

// How many bytes at the start of `text` are of that class.
std::size_t count_of(std::uint8_t byte_class, std::string_view text) noexcept {
  std::size_t count = 0;
  while (count < text.size() &&
         (byte_table[static_cast<unsigned char>(text[count])] & byte_class) != 0)
    ++count;
  return count;
}

constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// The first control byte of `text` at or behind `from`, or the size of `text`.
std::size_t find_control(std::string_view text, std::size_t from) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    // Eight bytes at a time. A subtraction leaves the high bit of each byte that is one; a borrow
    // may set others behind the first.
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    constexpr std::uint64_t high_bits = ones << 7;
    for (; text.size() - from >= sizeof(std::uint64_t); from += sizeof(std::uint64_t)) {
      std::uint64_t bytes;
      std::memcpy(&bytes, text.data() + from, sizeof bytes);
      const std::uint64_t del = bytes ^ ones * 0x7f;
      const std::uint64_t found =
          (((bytes - ones * 0x20) & ~bytes) | ((del - ones) & ~del)) & high_bits;
      if (found != 0)
        return from + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    }
  }
  while (from < text.size() && !is_control(text[from]))
    ++from;
  return from;
}

struct request_line_check {
  bool ok;
  rejection why;
  std::string_view target{};  // if ok
};

request_line_check check_request_line(std::string_view line) noexcept {
  const std::size_t method_end = count_of(token_byte, line);
  if (method_end == 0 || method_end == line.size() || line[method_end] != ' ')
    return {false, rejection::malformed};
  const std::size_t version_begin = line.rfind(' ') + 1;
  if (version_begin == method_end + 1)
    return {false, rejection::malformed};

  const std::string_view target = line.substr(method_end + 1, version_begin - method_end - 2);
  if (target.empty() || count_of(target_byte, target) != target.size())
    return {false, rejection::bad_target};

  const std::string_view version = line.substr(version_begin);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7]))
    return {false, rejection::malformed};
  if (version[5] != '1')
    return {false, rejection::version_unsupported};
  return {true, {}, target};
}

struct line_scan {
  enum class state { found, open, bad } what;
  std::string_view text;  // without CR LF; if open, all there is
};

// The line at the start of `input`, of field bytes (RFC 9110 section 5.5: field-vchar, which
// includes obs-text, SP and HTAB) up to CR LF; looks at no more than `size_max` bytes and a line
// end. A line without its end may be bad already, which catches what will never send one (a TLS
// hello, a binary protocol) before the header timeout would.
line_scan next_line(std::string_view input, std::size_t size_max) noexcept {
  const std::string_view window = input.substr(0, size_max + 2);
  std::size_t end = find_control(window, 0);
  while (end < window.size() && window[end] == '\t')
    end = find_control(window, end + 1);
  if (end == window.size() || (window[end] == '\r' && end + 1 == window.size()))
    return {line_scan::state::open, window};
  if (window[end] != '\r' || window[end + 1] != '\n')
    return {line_scan::state::bad, window.substr(0, end)};
  return {line_scan::state::found, window.substr(0, end)};
}

}  // namespace

gate_result inspect_head(std::string_view input, std::size_t header_max) noexcept {
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
    if (field.what == line_scan::state::open)
      return field.text.size() == room + 2 ? reject(rejection::header_too_large) : incomplete;
    if (field.text.empty())
      return {verdict::accepted, {}, head_begin, position + 2, first.text.back(), line.target};
    // A line that begins with white space continues the one before it (obs-fold) or hides
    // behind the request line; both are refused (RFC 9112 sections 2.2 and 5.2).
    if (field.text.front() == ' ' || field.text.front() == '\t')
      return reject(rejection::malformed);
    position += field.text.size() + 2;
    if (fields == fields_max || position - header_begin > header_max)
      return reject(rejection::header_too_large);
  }
}

}  // namespace turnomatic::http
