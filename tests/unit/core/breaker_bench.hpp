// A breaker on a workbench: its calls, its probes and its clock in the test's hands.
#pragma once

#include "core/circuit_breaker.hpp"

#include <turnomatic/observer.hpp>

#include <optional>
#include <string>
#include <vector>

namespace turnomatic {

/// Keeps the transitions that it answers with, as "closed to open: failure_rate".
class recording_breaker : public circuit_breaker {
 public:
  using circuit_breaker::circuit_breaker;

  void call_succeeded(const call_ticket& ticket, time_point now) {
    keep(circuit_breaker::call_succeeded(ticket, now));
  }
  void call_failed(const call_ticket& ticket, time_point now) {
    keep(circuit_breaker::call_failed(ticket, now));
  }
  [[nodiscard]] std::optional<probe_ticket> probe_due(time_point now) {
    const auto start = circuit_breaker::probe_due(now);
    if (!start)
      return std::nullopt;
    keep(start->transition);
    return start->ticket;
  }
  void probe_succeeded(const probe_ticket& ticket, time_point now) {
    keep(circuit_breaker::probe_succeeded(ticket, now));
  }
  void probe_failed(const probe_ticket& ticket, time_point now) {
    keep(circuit_breaker::probe_failed(ticket, now));
  }
  void advance(time_point now) { keep(circuit_breaker::advance(now)); }
  void set_mode(breaker_mode mode, time_point now) { keep(circuit_breaker::set_mode(mode, now)); }

  std::vector<std::string> told;

 private:
  void keep(const change& made) {
    if (!made)
      return;
    told.push_back(std::string{breaker_state_labels[index_of(made->from)]} + " to " +
                   std::string{breaker_state_labels[index_of(made->to)]} + ": " +
                   std::string{breaker_reason_labels[index_of(made->reason)]});
  }
};

class breaker_bench {
 public:
  explicit breaker_bench(const breaker_settings& with = {}, std::minstd_rand::result_type seed = 1)
      : settings{with}, breaker{with, seed, now} {}

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

  breaker_settings settings;
  time_point now{std::chrono::seconds{1000}};
  recording_breaker breaker;
  std::vector<std::string>& told{breaker.told};
};

}  // namespace turnomatic
