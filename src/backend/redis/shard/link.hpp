// When to connect, when to give up, when to call a silent connection dead.
#pragma once

#include "core/backoff.hpp"

#include <turnomatic/turn.hpp>

#include <cstdint>

namespace turnomatic::redis {

/// The life of one connection after the other. Knows nothing of what is said on it. Without I/O or
/// clock.
class link {
 public:
  enum class phase : std::uint8_t { down, opening, setting_up, up };
  enum class overdue : std::uint8_t {
    nothing,
    connection,  ///< it is time to connect
    set_up,      ///< the server did not answer what every connection begins with in time
    answer       ///< the server has been silent for too long
  };
  struct settings {
    duration set_up_timeout{};  ///< of what every connection begins with
    duration stall_timeout{};   ///< without an answer while one is awaited
    backoff_settings reconnect{};
  };

  link(const settings& times, std::uint32_t seed, time_point now)
      : times_{times}, reconnect_{times.reconnect, seed}, until_{now} {}

  void apply(const settings& times) {
    times_ = times;
    reconnect_.apply(times.reconnect);
  }

  /// While down: it is time to connect.
  void hurry(time_point now) noexcept { until_ = now; }
  /// How long that may take is for the connection to limit.
  void opens() noexcept { enter(phase::opening, time_point::max()); }
  void opened(time_point now) noexcept {
    enter(phase::setting_up, now + times_.set_up_timeout);
    heard_ = now;
  }
  void is_up() noexcept { enter(phase::up, time_point::max()); }
  /// The server did what it was connected to for: the next attempt waits for the shortest time.
  void is_of_use() noexcept { reconnect_.reset(); }
  void lost(time_point now) noexcept { enter(phase::down, now + reconnect_.next()); }

  void heard(time_point now) noexcept { heard_ = now; }
  /// Something is sent; `awaited` tells whether an answer was awaited before.
  void sends(bool awaited, time_point now) noexcept {
    if (!awaited)
      heard_ = now;
  }
  [[nodiscard]] time_point last_heard() const noexcept { return heard_; }
  [[nodiscard]] phase now() const noexcept { return phase_; }

  [[nodiscard]] overdue due(bool awaited, time_point now) const noexcept {
    if (now < wake_at(awaited))
      return overdue::nothing;
    switch (phase_) {
      case phase::down:
        return overdue::connection;
      case phase::setting_up:
        return overdue::set_up;
      case phase::opening:
      case phase::up:
        break;
    }
    return overdue::answer;
  }
  [[nodiscard]] time_point wake_at(bool awaited) const noexcept {
    return phase_ == phase::up && awaited ? heard_ + times_.stall_timeout : until_;
  }

 private:
  void enter(phase next, time_point until) noexcept {
    phase_ = next;
    until_ = until;
  }

  settings times_;
  backoff reconnect_;
  phase phase_{phase::down};
  time_point until_;  // down: connect then; setting_up: give up then
  time_point heard_;  // or sent, when nothing was awaited
};

}  // namespace turnomatic::redis
