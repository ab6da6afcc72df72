#include "app/config/escape.hpp"

namespace turnomatic::app {

namespace {

constexpr std::size_t shown_bytes_max = 200;

// `with_backslash`: the printable bytes that get one.
std::string escape(std::string_view text, std::string_view with_backslash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text.substr(0, shown_bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      out += "\\x";
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
      continue;
    }
    if (with_backslash.find(c) != std::string_view::npos) {
      out += '\\';
    }
    out += c;
  }
  if (text.size() > shown_bytes_max) {
    out += "...";
  }
  return out;
}

}  // namespace

std::string escaped(std::string_view text) {
  return escape(text, {});
}

std::string in_quotes(std::string_view text) {
  return '"' + escape(text, "\\\"") + '"';
}

}  // namespace turnomatic::app
