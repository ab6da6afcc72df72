#include "telemetry/log_line.hpp"

#include "core/date_text.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <string>

namespace turnomatic::log {
namespace {

constexpr std::array<std::string_view, 6> level_names{"trace", "debug", "info",
                                                      "warn",  "error", "off"};
static_assert(static_cast<std::size_t>(log_level::off) + 1 == level_names.size());

std::string_view name_of(log_level level) {
  return level_names[static_cast<std::size_t>(level)];
}

// Of Google Cloud's collector (LogSeverity), which takes what comes without one on standard error
// for an error.
constexpr std::array<std::string_view, 6> severities{"DEBUG",   "DEBUG", "INFO",
                                                     "WARNING", "ERROR", "DEFAULT"};
static_assert(severities.size() == level_names.size());

std::string_view severity_of(log_level level) {
  return severities[static_cast<std::size_t>(level)];
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      out += c;
    } else {
      out.append({'\\', 'x', hex[byte >> 4], hex[byte & 0xf]});
    }
  }
}

void append_value(std::string& out, std::string_view text) {
  const bool quoted = text.empty() || text.find(' ') != std::string_view::npos;
  if (quoted)
    out += '"';
  append_escaped(out, text);
  if (quoted)
    out += '"';
}

void append_value(std::string& out, bool flag) {
  out += flag ? "true" : "false";
}

template <class Number>
requires std::integral<Number> || std::floating_point<Number>
void append_value(std::string& out, Number number) {
  std::array<char, 32> digits;  // the shortest form of any double has at most 24 characters
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc{})
    out.append(digits.data(), end);
}

}  // namespace

std::string_view journal_priority(log_level level) noexcept {
  switch (level) {
    case log_level::error:
      return "<3>";
    case log_level::warn:
      return "<4>";
    case log_level::info:
      return "<6>";
    case log_level::debug:
    case log_level::trace:
    case log_level::off:
      break;
  }
  return "<7>";
}

std::string render_text(const line& what) {
  constexpr std::size_t level_width = 5;
  const std::string_view level = name_of(what.level);
  std::string out = rfc3339_milliseconds(what.time);
  out += ' ';
  out += level;
  out.append(level_width - level.size() + 1, ' ');
  append_escaped(out, what.message);
  for (const field& field : what.fields) {
    out += ' ';
    append_escaped(out, field.key);
    out += '=';
    std::visit([&out](const auto& value) { append_value(out, value); }, field.value.held());
  }
  out += '\n';
  return out;
}

std::string render_json(const line& what) {
  using json = nlohmann::ordered_json;
  json object{{"time", rfc3339_milliseconds(what.time)},
              {"level", name_of(what.level)},
              {"severity", severity_of(what.level)},
              {"message", what.message}};
  for (const field& field : what.fields) {
    std::visit([&](const auto& value) { object.emplace(std::string{field.key}, value); },
               field.value.held());
  }
  // ASCII only: a terminal also obeys C1 control characters, which are beyond ASCII.
  constexpr bool ascii_only = true;
  return object.dump(-1, ' ', ascii_only, json::error_handler_t::replace) + '\n';
}

}  // namespace turnomatic::log
