// The types of value that keys have: how each is read from text, written and described.
#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::app {

/// Why a text is no value, as a clause: "expected a whole number from 0 to 1024". It never
/// repeats the text, which may be a secret.
struct invalid_value {
  std::string reason;
};

template <class T>
using parsed = boost::system::result<T, invalid_value>;

// A codec has: value_type, parse(text), format(value) which is its inverse, placeholder()
// for --help, range() for the tables and expected() for messages. All are pure.

struct count_codec {
  using value_type = std::uint32_t;
  std::uint32_t min;
  std::uint32_t max;

  [[nodiscard]] parsed<value_type> parse(std::string_view text) const;
  [[nodiscard]] static std::string format(value_type value) { return std::to_string(value); }
  [[nodiscard]] static std::string placeholder() { return "N"; }
  [[nodiscard]] std::string range() const;
  [[nodiscard]] std::string expected() const { return "a whole number from " + range(); }
};

/// A whole number and its unit: ms, s, m or h.
struct duration_codec {
  using value_type = std::chrono::milliseconds;
  std::chrono::milliseconds min;
  std::chrono::milliseconds max;

  [[nodiscard]] parsed<value_type> parse(std::string_view text) const;
  /// In the largest unit that needs no fraction: 90000 ms is "90s", 120000 ms is "2m".
  [[nodiscard]] static std::string format(value_type value);
  [[nodiscard]] static std::string placeholder() { return "DURATION"; }
  [[nodiscard]] std::string range() const { return format(min) + " to " + format(max); }
  [[nodiscard]] std::string expected() const;
};

/// Letters, digits and a few symbols.
struct text_codec {
  using value_type = std::string;
  std::size_t max;
  std::string_view symbols;
  bool may_be_empty;

  [[nodiscard]] parsed<value_type> parse(std::string_view text) const;
  [[nodiscard]] static std::string format(const value_type& value) { return value; }
  [[nodiscard]] static std::string placeholder() { return "TEXT"; }
  [[nodiscard]] std::string range() const;
  [[nodiscard]] std::string expected() const { return range(); }
};

/// The path of a file, of which nothing is looked up; empty: no file.
struct path_codec {
  using value_type = std::string;

  [[nodiscard]] static parsed<value_type> parse(std::string_view text);
  [[nodiscard]] static std::string format(const value_type& value) { return value; }
  [[nodiscard]] static std::string placeholder() { return "FILE"; }
  [[nodiscard]] static std::string range() { return "at most 1024 bytes of printable ASCII"; }
  [[nodiscard]] static std::string expected() { return "a path of " + range(); }
};

/// One of a few names.
template <class Enum>
struct choice_codec {
  using value_type = Enum;
  std::vector<std::pair<std::string_view, Enum>> names;

  [[nodiscard]] parsed<value_type> parse(std::string_view text) const {
    for (const auto& [name, value] : names) {
      if (name == text) {
        return value;
      }
    }
    return invalid_value{"expected " + expected()};
  }

  [[nodiscard]] std::string format(value_type wanted) const {
    for (const auto& [name, value] : names) {
      if (value == wanted) {
        return std::string{name};
      }
    }
    return {};  // unreachable: a table names every enumerator, which a test checks
  }

  [[nodiscard]] static std::string placeholder() { return "NAME"; }

  [[nodiscard]] std::vector<std::string> choices() const {
    std::vector<std::string> list;
    for (const auto& [name, value] : names) {
      list.emplace_back(name);
    }
    return list;
  }

  [[nodiscard]] std::string range() const {
    std::string list;
    for (const auto& name : choices()) {
      list.append(list.empty() ? "" : ", ").append(name);
    }
    return list;
  }

  [[nodiscard]] std::string expected() const {
    return names.size() == 1 ? range() + ", the only accepted value" : "one of " + range();
  }
};

}  // namespace turnomatic::app
