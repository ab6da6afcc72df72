// What is worse than it should be, and since when.
#pragma once

#include <turnomatic/health.hpp>

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic {

/// Collects degradations by name. Whoever notices one raises it, again if need be; whoever
/// sees it gone clears it. Thread-safe; not for the hot path.
class degradation_board {
 public:
  using time_point = std::chrono::system_clock::time_point;

  /// True if it is new. A degradation that stands keeps its `since`; cause and action are
  /// replaced.
  bool raise(std::string_view what, std::string why, std::string action, time_point now);
  /// True if it stood.
  bool clear(std::string_view what);

  /// Oldest first.
  [[nodiscard]] std::vector<degradation> list() const;
  [[nodiscard]] bool contains(std::string_view what) const;

 private:
  mutable std::mutex mutex_;
  std::vector<degradation> entries_;
};

}  // namespace turnomatic
