// What a turn is: the numbers, the range in which they lie, the clock they are timed by.
#pragma once

#include <chrono>
#include <cstdint>

namespace turnomatic {

/// The last turn of a counter: 2^53 - 1, the largest integer that a JSON reader holding
/// numbers as doubles still tells from its neighbours (ECMAScript's MAX_SAFE_INTEGER).
inline constexpr std::uint64_t turn_max = (std::uint64_t{1} << 53) - 1;

/// Consecutive turns `first`, `first + 1`, ..., `first + count - 1`; `count` is at least 1.
struct turn_range {
  std::uint64_t first;
  std::uint64_t count;
  /// An earlier request took them under the same key, and they were accounted for with that.
  bool known{false};

  friend bool operator==(const turn_range&, const turn_range&) = default;
};

/// The clock of every deadline and duration. Only the I/O layers read it; whatever decides
/// is handed the time as an argument.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

}  // namespace turnomatic
