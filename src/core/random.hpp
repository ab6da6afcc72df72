// Numbers that nobody can foresee.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <random>
#include <string>

namespace turnomatic {

[[nodiscard]] inline std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

/// 64 random bits as text. Any thread.
[[nodiscard]] inline std::string random_token() {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), random_seed(), 32).ptr;
  return {digits.begin(), end};
}

}  // namespace turnomatic
