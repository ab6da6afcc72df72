// Coarse time, counted by the clock.
#pragma once

#include <turnomatic/turn.hpp>

#include <cstdint>

namespace turnomatic {

/// A number of ticks, or the number of one. It wraps.
using tick = std::uint32_t;

/// Whether `a` comes before `b`, where the two are less than half of all numbers apart.
[[nodiscard]] constexpr bool is_before(tick a, tick b) noexcept {
  return static_cast<std::int32_t>(a - b) < 0;
}

/// How many ticks have passed. Whoever is late to ask, because the loop was busy or the process
/// stopped, finds the ticks that he missed counted: n ticks are n times their length, always.
class tick_count {
 public:
  /// The first tick ends `length` after `origin`.
  tick_count(time_point origin, duration length) noexcept
      : length_{length}, next_{origin + length} {}

  /// The number of the tick that `now` lies in. A `now` before one that was asked about lies in
  /// that one's. One comparison, unless a tick has ended.
  [[nodiscard]] tick at(time_point now) noexcept {
    if (now >= next_) [[unlikely]]
      catch_up(now);
    return count_;
  }

  /// When the tick ends that was asked about last: a multiple of the length after the origin.
  [[nodiscard]] time_point next() const noexcept { return next_; }

 private:
  void catch_up(time_point now) noexcept {
    const auto ended = (now - next_) / length_ + 1;
    next_ += ended * length_;
    count_ += static_cast<tick>(ended);
  }

  duration length_;
  time_point next_;
  // Wraps after a minute of quarters of a second, so that every longer run tries it.
  tick count_{static_cast<tick>(-240)};
};

}  // namespace turnomatic
