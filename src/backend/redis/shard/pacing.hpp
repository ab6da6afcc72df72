// How long to leave a store alone that says "later".
#pragma once

#include <turnomatic/turn.hpp>

#include <algorithm>
#include <chrono>

namespace turnomatic::redis {

/// After each refusal twice as long, until something was executed. Nobody need know of a store that
/// has no time for a moment; one that says so for longer has failed.
class pacing {
 public:
  /// True: this one counts as a failure.
  [[nodiscard]] bool refused(time_point now) noexcept {
    if (pause_ == duration::zero())
      since_ = now;
    pause_ = std::clamp(pause_ * 2, pause_min, pause_max);
    until_ = now + pause_;
    return now - since_ >= patience;
  }
  void executed() noexcept { pause_ = duration::zero(); }
  /// False also ends the pause.
  [[nodiscard]] bool pauses(time_point now) noexcept {
    if (now < until_ && until_ != none)
      return true;
    until_ = none;
    return false;
  }
  /// When it ends; time_point::max() without one.
  [[nodiscard]] time_point until() const noexcept { return until_; }

 private:
  static constexpr duration pause_min = std::chrono::milliseconds{20};
  static constexpr duration pause_max = std::chrono::milliseconds{500};
  static constexpr duration patience = std::chrono::milliseconds{250};
  static constexpr time_point none = time_point::max();

  duration pause_{0};
  time_point since_{};  // the first refusal
  time_point until_{none};
};

}  // namespace turnomatic::redis
