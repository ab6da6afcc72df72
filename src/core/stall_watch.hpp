// Event loops that do not turn, told from a process that did not run.
#pragma once

#include <turnomatic/turn.hpp>

namespace turnomatic {

/// Measures how long the oldest of some heartbeats has stood still, by looks from outside. What
/// passes between two looks counts for no more than `look_max`: where the process was stopped or
/// frozen as a whole, nobody looked either, and its loops must not be taken for stuck when it goes
/// on.
class stall_watch {
 public:
  static constexpr std::chrono::seconds look_max{1};

  explicit stall_watch(duration stuck_after) noexcept : stuck_after_{stuck_after} {}

  /// To be called a few times a second. Whether the loop with the oldest heartbeat is stuck.
  [[nodiscard]] bool look(time_point now, time_point oldest_heartbeat) noexcept;

 private:
  const duration stuck_after_;
  time_point last_look_;
  time_point heartbeat_;
  duration still_for_{};
};

}  // namespace turnomatic
