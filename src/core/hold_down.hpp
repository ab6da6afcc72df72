// A condition that does not flap.
#pragma once

#include <turnomatic/turn.hpp>

#include <optional>

namespace turnomatic {

/// Believes a condition at once and its end only after it has been absent without a break for a
/// while, so that what comes and goes is one state instead of many. Without I/O: the time is an
/// argument.
class hold_down {
 public:
  explicit hold_down(duration clear_after) noexcept : clear_after_{clear_after} {}

  /// Whether the condition stands at `now`, given whether it was seen since the last look.
  [[nodiscard]] bool look(time_point now, bool seen) noexcept {
    if (seen)
      last_seen_ = now;
    return last_seen_ && now - *last_seen_ < clear_after_;
  }

 private:
  const duration clear_after_;
  std::optional<time_point> last_seen_;
};

}  // namespace turnomatic
