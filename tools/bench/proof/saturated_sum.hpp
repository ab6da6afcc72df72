// A sum that stays at the largest number instead of starting again at 0: what recordings claim
// can be beyond all reason, and must not come out as nothing.
#pragma once

#include <cstdint>
#include <limits>

namespace turnomatic::bench {

[[nodiscard]] constexpr std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return a > most - b ? most : a + b;
}

}  // namespace turnomatic::bench
