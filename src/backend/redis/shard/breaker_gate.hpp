// Whether packets may be sent: what the breaker hears of a shard, and the pauses that the store
// asks for.
#pragma once

#include "backend/redis/shard/pacing.hpp"
#include "backend/redis/shard/refusal_table.hpp"
#include "core/circuit_breaker.hpp"

#include <turnomatic/store_observer.hpp>
#include <turnomatic/turn.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace turnomatic::redis {

/// A call is one packet or one connection that could not be made or ended. Without I/O or clock.
class breaker_gate {
 public:
  breaker_gate(circuit_breaker& breaker, store_observer& events)
      : breaker_{breaker}, events_{events} {}

  [[nodiscard]] bool allows() const noexcept { return breaker_.allows(); }
  [[nodiscard]] bool may_send(time_point now) noexcept {
    return !pacing_.pauses(now) && breaker_.allows();
  }
  /// time_point::max() without one.
  [[nodiscard]] time_point pause_ends() const noexcept { return pacing_.until(); }

  void packet_sent(time_point now) { packet_ = breaker_.call_sent(now); }
  [[nodiscard]] time_point packet_sent_at() const noexcept { return packet_.sent; }
  void packet_succeeded(time_point now) {
    pacing_.executed();
    report(breaker_.call_succeeded(packet_, now));
  }
  /// The store has no time for it now.
  void packet_put_off(time_point now) {
    if (pacing_.refused(now))
      packet_failed(store_failure::refused, now);
  }
  void packet_failed(store_failure reason, time_point now) { fail(packet_, reason, now); }
  void failed(store_failure reason, time_point now) { fail(breaker_.call_sent(now), reason, now); }

  /// The store has answered with this error.
  void refused(std::string_view error) {
    events_.refused(refusal_of(error).kind, refusal_text(error));
  }
  /// A connection was made, and the lane counts on it.
  void connected() noexcept { breaker_.reached(); }

  /// True, once: a probe is to be sent now.
  [[nodiscard]] bool probe_due(time_point now) {
    const auto due = breaker_.probe_due(now);
    if (!due)
      return false;
    report(due->transition);
    probe_ = due->ticket;
    return true;
  }
  /// A probe is under way and was not answered in time: its connection is of no use.
  [[nodiscard]] bool probe_failed(time_point now) {
    report(breaker_.advance(now));
    if (!probe_ || now < probe_->deadline)
      return false;
    probe_.reset();
    return true;
  }
  void settle_probe(bool succeeded, time_point now) {
    if (!probe_)
      return;
    const probe_ticket ticket = *std::exchange(probe_, std::nullopt);
    report(succeeded ? breaker_.probe_succeeded(ticket, now) : breaker_.probe_failed(ticket, now));
  }

  [[nodiscard]] time_point wake_at() const noexcept {
    const time_point probe = probe_ ? probe_->deadline : time_point::max();
    return std::min(breaker_.wake_at().value_or(time_point::max()), probe);
  }

 private:
  void fail(const call_ticket& call, store_failure reason, time_point now) {
    events_.call_failed(reason);
    report(breaker_.call_failed(call, now));
  }
  void report(const circuit_breaker::change& made) noexcept {
    if (made)
      events_.breaker_changed(made->from, made->to, made->reason);
  }

  circuit_breaker& breaker_;
  store_observer& events_;
  pacing pacing_;
  call_ticket packet_{};
  std::optional<probe_ticket> probe_;
};

}  // namespace turnomatic::redis
