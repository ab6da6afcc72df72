// Which halted counters go on, because an operator has resumed them through another instance.
#pragma once

#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/commands.hpp"

#include <string>
#include <vector>

namespace turnomatic::redis {

/// Looks at those that the guard knows, some at a time and all in turn. Without I/O; used by one
/// thread.
class resumed_counters {
 public:
  explicit resumed_counters(store_guard& guard) : guard_{guard} {}

  /// Appends one command. False: the guard knows of no halted counter.
  [[nodiscard]] bool append_look(std::string& out, const bucket_keys& keys);
  void take(const reply& answer);

 private:
  static constexpr std::size_t looks_max = 100;

  store_guard& guard_;
  std::vector<std::string> looked_;  // the last that were asked for, in order
};

}  // namespace turnomatic::redis
