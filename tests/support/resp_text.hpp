// RESP as text, for the model of a store.
#pragma once

#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace turnomatic::redis::resp_text {

inline std::string status(std::string_view text) {
  return "+" + std::string{text} + "\r\n";
}

inline std::string error(std::string_view text) {
  return "-" + std::string{text} + "\r\n";
}

inline std::string integer(std::uint64_t value) {
  return ":" + std::to_string(value) + "\r\n";
}

inline std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
}

inline std::string nil() {
  return "$-1\r\n";
}

inline std::string array(std::string_view word, std::initializer_list<std::uint64_t> numbers = {}) {
  std::string text = "*" + std::to_string(1 + numbers.size()) + "\r\n" + bulk(word);
  for (const std::uint64_t number : numbers)
    text += integer(number);
  return text;
}

inline std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
    throw std::invalid_argument{"no number: " + std::string{text}};
  return value;
}

}  // namespace turnomatic::redis::resp_text
