// How often something may be said.
#pragma once

#include <turnomatic/turn.hpp>

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

namespace turnomatic {

/// Admits `burst` events at once and one more in each `interval`, and counts those that it leaves
/// out, so that whoever reads the next one knows how many it stands for. Time is an argument; it
/// may be read on several threads. Thread-safe, without a lock: an event that is left out costs a
/// load and an addition.
class rate_limiter {
 public:
  /// `interval` is positive, `burst` at least 1.
  explicit rate_limiter(duration interval, unsigned burst = 1) noexcept
      : interval_{interval.count()}, ahead_max_{interval.count() * (burst - 1)} {}

  /// How many events were left out since the last that was admitted. Nothing: this one is, too.
  [[nodiscard]] std::optional<std::uint64_t> admit(time_point now) noexcept;

  /// For the event that never comes: the number left out, once there are some and a further event
  /// would be admitted. They are forgotten, and it counts as an admission. Otherwise 0.
  [[nodiscard]] std::uint64_t overdue(time_point now) noexcept;

 private:
  [[nodiscard]] bool take_place(time_point now) noexcept;

  // The generic cell rate algorithm: one number says it all, the moment at which those admitted so
  // far would be used up if they had come one by one.
  const duration::rep interval_;
  const duration::rep ahead_max_;
  std::atomic<duration::rep> used_until_{std::numeric_limits<duration::rep>::min() / 2};
  std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace turnomatic
