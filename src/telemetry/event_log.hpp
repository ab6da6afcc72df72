// Lines of the log that all workers of an instance write together.
#pragma once

#include "core/rate_limiter.hpp"

#include <turnomatic/breaker.hpp>
#include <turnomatic/store_observer.hpp>
#include <turnomatic/turn.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace turnomatic::telemetry {

/// What happens to one worker's connection or breaker as a rule happens to all of them at the same
/// time, and again and again until its cause has gone. So each kind of event has one limit for the
/// instance: a line now and then, with the number of those that it stands for. Thread-safe.
class event_log {
 public:
  /// Between two lines about one kind of event, once its burst is used up.
  static constexpr std::chrono::seconds period{5};
  /// The same for clients, each of which may be another.
  static constexpr std::chrono::seconds client_period{1};

  event_log();

  void happened(store_event what, std::string_view detail, time_point now) noexcept;
  /// `text` is the store's own.
  void refused(store_refusal kind, std::string_view text, time_point now) noexcept;
  /// Whether a line about such an incident may be written, and then how many it stands for besides.
  [[nodiscard]] std::optional<std::uint64_t> admit(incident what, time_point now) noexcept;
  /// What the store said, lately, when it refused like this.
  [[nodiscard]] std::string words_of(store_refusal kind) const;
  /// The openings of an outage and its end at levels that are written by default; what a breaker
  /// does in between, a probe each half second, at level debug.
  void breaker_changed(breaker_state from, breaker_state to, breaker_reason why,
                       time_point now) noexcept;

  /// Says how many lines were left out of what does not happen any more. To be called a few times
  /// a second.
  void tell_left_out(time_point now) noexcept;

 private:
  std::array<rate_limiter, store_event_count> store_events_;
  std::array<rate_limiter, breaker_reason_count> breaker_changes_;
  std::array<rate_limiter, store_refusal_count> refusals_;
  std::array<rate_limiter, incident_count> incidents_;
  mutable std::mutex words_mutex_;
  std::array<std::string, store_refusal_count> words_;
};

}  // namespace turnomatic::telemetry
