#include "app/config/key.hpp"

#include <algorithm>
#include <string_view>

namespace turnomatic::app {

namespace {

// A basic string of TOML. Everything but what must be escaped stands for itself, UTF-8 too.
std::string toml_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out{'"'};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::string flag_name(const key& of) {
  std::string name = "--" + of.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '_'; }, '-');
  return name;
}

std::string variable_name(const key& of) {
  std::string name = "TURNOMATIC_";
  for (const char c : of.name) {
    // Not std::toupper, which follows the locale.
    name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string toml_value(const key& of, const texts& value) {
  std::string out;
  for (const auto& text : value) {
    const std::string visible = shown(of.visibility, text);
    out += out.empty() ? "" : ", ";
    const bool is_bare = of.shape == toml_shape::integer ||
                         (of.shape == toml_shape::integer_or_string &&
                          visible.find_first_not_of("0123456789") == std::string::npos);
    out += is_bare ? visible : toml_string(visible);
  }
  return of.shape == toml_shape::list_of_strings ? '[' + out + ']' : out;
}

texts default_value(const key& of) {
  return of.format(configuration{});
}

}  // namespace turnomatic::app
