// When to look for requests whose deadline has passed, and what that says of the store.
#pragma once

#include <turnomatic/turn.hpp>

#include <algorithm>
#include <chrono>

namespace turnomatic::redis {

/// A store that is silent while requests reach their deadlines fails at each look, and again and
/// again after that: callers that all wait for their answers before they ask anew would else hold
/// the breaker closed for some deadlines more. Without I/O or clock.
class deadline_watch {
 public:
  explicit deadline_watch(time_point now) noexcept : looked_{now} {}

  /// When to look next, where the earliest deadline is this one.
  [[nodiscard]] time_point due(time_point earliest) const noexcept {
    return std::min(fails_again_at_, std::max(earliest, looked_ + period));
  }
  /// Somebody has looked, and found a deadline that was `missed` or not. True: the store has
  /// failed.
  [[nodiscard]] bool fails(bool missed, bool is_silent, time_point now) noexcept {
    looked_ = now;
    const bool failed = is_silent && (missed || now >= fails_again_at_);
    if (failed)
      fails_again_at_ = now + failure_period;
    else if (!is_silent)
      fails_again_at_ = time_point::max();
    return failed;
  }

 private:
  /// Under a stall there is always a deadline that has just passed.
  static constexpr duration period = std::chrono::milliseconds{5};
  static constexpr duration failure_period = std::chrono::milliseconds{100};

  time_point looked_;
  time_point fails_again_at_{time_point::max()};
};

}  // namespace turnomatic::redis
