// How often something may be said.
#pragma once

#include "core/token_bucket.hpp"

#include <atomic>
#include <cstdint>
#include <optional>

namespace turnomatic {

/// Admits `burst` events at once and one more in each `interval`, and counts those that it leaves
/// out, so that whoever reads the next one knows how many it stands for. Time is an argument; it
/// may be read on several threads. Thread-safe, without a lock: an event that is left out costs a
/// load and an addition.
class rate_limiter {
 public:
  /// `interval` is positive, `burst` at least 1.
  explicit rate_limiter(duration interval, std::uint32_t burst = 1) noexcept
      : interval_{interval}, burst_{burst} {}

  /// How many events were left out since the last that was admitted. Nothing: this one is, too.
  [[nodiscard]] std::optional<std::uint64_t> admit(time_point now) noexcept;

  /// For the event that never comes: the number left out, once no further one has come for an
  /// interval. They are forgotten with that. Otherwise 0. Takes no event's place: of a flow that
  /// lasts, each number comes with an event that says what is wrong.
  [[nodiscard]] std::uint64_t overdue(time_point now) noexcept;

 private:
  const duration interval_;
  const std::uint32_t burst_;
  shared_token_bucket places_;
  std::atomic<std::uint64_t> left_out_{0};
  std::atomic<time_point> last_left_out_{time_point{}};
};

}  // namespace turnomatic
