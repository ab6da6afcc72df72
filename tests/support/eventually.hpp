// Waiting for what another thread or process does, no longer than it takes.
#pragma once

#include <chrono>
#include <thread>

namespace turnomatic::support {

/// Asks again and again; false if the answer is still no when patience ends.
template <class Condition>
[[nodiscard]] bool eventually(Condition holds,
                              std::chrono::milliseconds patience = std::chrono::seconds{10}) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

}  // namespace turnomatic::support
