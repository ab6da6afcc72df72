// A breaker on a workbench: its calls, its probes and its clock in the test's hands.
#pragma once

#include "core/circuit_breaker.hpp"

#include <turnomatic/observer.hpp>

#include <string>
#include <vector>

namespace turnomatic {

class breaker_bench : public breaker_listener {
 public:
  explicit breaker_bench(const breaker_settings& with = {}, std::minstd_rand::result_type seed = 1)
      : settings{with}, breaker{with, seed, now, this} {}

  /// Calls that take no time.
  void succeed(unsigned count = 1) { succeed_after(duration::zero(), count); }
  void fail(unsigned count = 1) {
    for (unsigned i = 0; i < count; ++i)
      breaker.call_failed(breaker.call_sent(now), now);
  }
  /// Calls that are answered now and took so long.
  void succeed_after(duration took, unsigned count = 1) {
    for (unsigned i = 0; i < count; ++i)
      breaker.call_succeeded(breaker.call_sent(now - took), now);
  }
  void succeed_slowly(unsigned count = 1) { succeed_after(settings.slow_call, count); }

  void pass(duration time) { now += time; }
  void open() { fail(settings.consecutive_failures); }
  /// Lets the open time pass.
  [[nodiscard]] probe_ticket half_open() {
    now = breaker.wake_at().value();
    return breaker.probe_due(now).value();
  }
  void close() { breaker.probe_succeeded(half_open(), now); }

  [[nodiscard]] breaker_state state() const { return breaker.state(); }
  [[nodiscard]] duration open_time() const { return breaker.wake_at().value() - now; }
  [[nodiscard]] call_counts window() const { return breaker.snapshot(now).window; }

  void breaker_changed(breaker_state from, breaker_state to, breaker_reason why) noexcept override {
    told.push_back(std::string{breaker_state_labels[index_of(from)]} + " to " +
                   std::string{breaker_state_labels[index_of(to)]} + ": " +
                   std::string{breaker_reason_labels[index_of(why)]});
  }

  breaker_settings settings;
  time_point now{std::chrono::seconds{1000}};
  circuit_breaker breaker;
  std::vector<std::string> told;
};

}  // namespace turnomatic
