// Faults between a service and its Redis, one after the other in an order that is drawn.
#pragma once

#include "support/fault_proxy.hpp"
#include "support/redis_process.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::integration {

class dice {
 public:
  explicit dice(unsigned long seed) : random_{static_cast<std::minstd_rand::result_type>(seed)} {}

  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  /// Short ones more often: each doubling is as likely as the next.
  std::chrono::milliseconds between(std::chrono::milliseconds least,
                                    std::chrono::milliseconds greatest);
  void wait(std::chrono::milliseconds least, std::chrono::milliseconds greatest);
  support::cut_by way_to_cut();
  std::minstd_rand& source() noexcept { return random_; }

 private:
  std::minstd_rand random_;
};

struct fault {
  const char* name;
  std::function<void(dice&)> cause;  ///< and takes it back, unless it passes by itself
};

/// What can happen to a Redis that keeps all it has acknowledged; none of it loses a turn.
[[nodiscard]] std::vector<fault> faults_of_store(support::redis_process& redis);
/// It comes back as it was before, and the numbers that were issued since are gone.
[[nodiscard]] std::vector<fault> losses_of_store(support::redis_process& redis);
/// What can happen on the way to it.
[[nodiscard]] std::vector<fault> faults_of_way(support::fault_proxy& proxy);

using fault_counts = std::map<std::string, std::uint64_t>;

/// Causes them on a thread of its own, each as often as the others, until it is told to stop.
class fault_sequence {
 public:
  fault_sequence(std::vector<fault> deck, dice random, std::chrono::milliseconds pause_max);

  /// Waits for the end of the one that is under way. Call it once.
  [[nodiscard]] fault_counts finish();

 private:
  void run(const std::stop_token& stop);

  std::vector<fault> deck_;
  dice random_;
  const std::chrono::milliseconds pause_max_;
  fault_counts done_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace turnomatic::integration
