// How long to wait before connecting again.
#pragma once

#include <turnomatic/turn.hpp>

#include <chrono>
#include <random>

namespace turnomatic {

/// Both positive, `min` at most `max`: the configuration sees to that.
struct backoff_settings {
  duration min{std::chrono::milliseconds{50}};
  duration max{std::chrono::milliseconds{500}};
};

/// Back-off with full jitter: each wait is drawn from 0 to a ceiling that doubles from `min`
/// to `max`. Callers that lost their connections together come back spread over the whole
/// time (AWS Architecture Blog, "Exponential Backoff And Jitter"). Not thread-safe.
class backoff {
 public:
  /// `seed` is random and different in each.
  backoff(const backoff_settings& settings, std::minstd_rand::result_type seed) noexcept
      : settings_{settings}, ceiling_{settings.min}, random_{seed} {}

  /// At least 1 ms, so that bad luck is no busy loop.
  [[nodiscard]] duration next() noexcept;
  /// After a success.
  void reset() noexcept { ceiling_ = settings_.min; }
  /// For the waits to come.
  void apply(const backoff_settings& settings) noexcept;

 private:
  backoff_settings settings_;
  duration ceiling_;  ///< of the next wait
  std::minstd_rand random_;
};

}  // namespace turnomatic
