#include "app/config/value_codec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace turnomatic::app {

namespace {

struct unit {
  std::string_view name;
  std::int64_t milliseconds;
};

constexpr std::array<unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

constexpr std::size_t path_bytes_max = 1024;

struct leading_number {
  std::uint64_t value;
  std::string_view rest;
};

// Not std::isalnum, which follows the locale.
bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// In place: a string alone could be meant for an invalid_value just as well.
parsed<std::string> accepted(std::string_view text) {
  return {boost::system::in_place_value, text};
}

// Digits only: from_chars on an unsigned type takes neither sign nor blank nor prefix.
std::optional<leading_number> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  return leading_number{value, text.substr(static_cast<std::size_t>(stop - text.data()))};
}

}  // namespace

parsed<std::uint32_t> count_codec::parse(std::string_view text) const {
  const auto number = read_number(text);
  if (!number || !number->rest.empty() || number->value < min || number->value > max) {
    return invalid_value{"expected " + expected()};
  }
  return static_cast<std::uint32_t>(number->value);
}

std::string count_codec::range() const {
  return format(min) + " to " + format(max);
}

parsed<std::chrono::milliseconds> duration_codec::parse(std::string_view text) const {
  const auto number = read_number(text);
  if (number && number->rest.empty()) {
    return invalid_value{"a bare number has no unit; expected " + expected()};
  }
  for (const auto& [name, milliseconds] : units) {
    // The bound is checked before the multiplication, which could overflow.
    if (number && number->rest == name &&
        number->value <= static_cast<std::uint64_t>(max.count() / milliseconds)) {
      const std::chrono::milliseconds value{static_cast<std::int64_t>(number->value) *
                                            milliseconds};
      if (value >= min) {
        return value;
      }
    }
  }
  return invalid_value{"expected " + expected()};
}

std::string duration_codec::format(value_type value) {
  for (const auto& [name, milliseconds] : units) {
    if (value.count() != 0 && value.count() % milliseconds == 0) {
      return std::to_string(value.count() / milliseconds).append(name);
    }
  }
  return "0ms";
}

std::string duration_codec::expected() const {
  return "a duration from " + range() + " with its unit, such as 250ms, 5s, 2m or 1h";
}

parsed<std::string> text_codec::parse(std::string_view text) const {
  const bool well_formed = std::all_of(text.begin(), text.end(), [this](char c) {
    return is_letter_or_digit(c) || symbols.find(c) != std::string_view::npos;
  });
  if (text.empty() ? !may_be_empty : !well_formed || text.size() > max) {
    return invalid_value{"expected " + expected()};
  }
  return accepted(text);
}

std::string text_codec::range() const {
  std::string allowed = "A-Z a-z 0-9";
  for (const char c : symbols) {
    allowed.append(" ").push_back(c);
  }
  return (may_be_empty ? "empty, or 1 to " : "1 to ") + std::to_string(max) + " characters of " +
         allowed;
}

parsed<std::string> path_codec::parse(std::string_view text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (!printable || text.size() > path_bytes_max) {
    return invalid_value{"expected " + expected()};
  }
  return accepted(text);
}

}  // namespace turnomatic::app
