#include "core/circuit_breaker.hpp"

#include <turnomatic/observer.hpp>

#include <algorithm>
#include <utility>

namespace turnomatic {
namespace {

/// Of a call that never counts; those of a breaker begin at 1.
constexpr std::uint64_t no_generation = 0;

constexpr bool decides(breaker_mode mode) noexcept {
  return mode == breaker_mode::automatic || mode == breaker_mode::metrics_only;
}

/// Whether `value` is at or above a threshold that 0 switches off.
constexpr bool reaches(unsigned value, unsigned threshold) noexcept {
  return threshold != 0 && value >= threshold;
}

}  // namespace

circuit_breaker::circuit_breaker(const breaker_settings& settings,
                                 std::minstd_rand::result_type seed, time_point now) noexcept
    : settings_{settings}, random_{seed}, since_{now}, window_{settings.window} {}

bool circuit_breaker::allows() const noexcept {
  switch (mode_) {
    case breaker_mode::automatic:
      return inner_ == breaker_state::closed;
    case breaker_mode::forced_open:
      return false;
    case breaker_mode::disabled:
    case breaker_mode::metrics_only:
      return true;
  }
  return false;
}

duration circuit_breaker::retry_in(time_point now) const noexcept {
  if (allows())
    return duration::zero();
  if (mode_ == breaker_mode::forced_open)
    return settings_.open_max;
  return std::max(until_ - now, duration::zero());
}

call_ticket circuit_breaker::call_sent(time_point now) const noexcept {
  const bool counted = decides(mode_) && inner_ == breaker_state::closed;
  return {counted ? generation_ : no_generation, now};
}

auto circuit_breaker::call_succeeded(const call_ticket& ticket, time_point now) noexcept -> change {
  if (ticket.generation != generation_)
    return std::nullopt;
  const bool slow = now - ticket.sent >= settings_.slow_call;
  consecutive_failures_ = 0;
  if (!slow)
    open_time_ = duration::zero();
  window_.add(slow ? call_outcome::slow : call_outcome::success, now);
  return judge(now);
}

auto circuit_breaker::call_failed(const call_ticket& ticket, time_point now) noexcept -> change {
  if (ticket.generation != generation_)
    return std::nullopt;
  ++consecutive_failures_;
  window_.add(call_outcome::failure, now);
  return judge(now);
}

std::optional<probe_start> circuit_breaker::probe_due(time_point now) noexcept {
  if (inner_ != breaker_state::open || now < until_)
    return std::nullopt;
  until_ = now + settings_.probe_deadline;
  const breaker_transition made =
      enter(breaker_state::half_open, breaker_reason::open_time_over, now);
  return probe_start{made, {generation_, until_}};
}

auto circuit_breaker::probe_succeeded(const probe_ticket& ticket, time_point now) noexcept
    -> change {
  // First the deadline, so that the outcome does not depend on which came to be looked at first.
  if (const change late = advance(now))
    return late;
  if (ticket.generation != generation_)
    return std::nullopt;
  forget_calls();
  return enter(breaker_state::closed, breaker_reason::probe_succeeded, now);
}

auto circuit_breaker::probe_failed(const probe_ticket& ticket, time_point now) noexcept -> change {
  if (ticket.generation != generation_)
    return std::nullopt;
  return open(breaker_reason::probe_failed, now);
}

auto circuit_breaker::advance(time_point now) noexcept -> change {
  if (inner_ != breaker_state::half_open || now < until_)
    return std::nullopt;
  return probe_failed({generation_, until_}, now);
}

std::optional<time_point> circuit_breaker::wake_at() const noexcept {
  if (inner_ == breaker_state::closed)
    return std::nullopt;
  return until_;
}

auto circuit_breaker::set_mode(breaker_mode mode, time_point now) noexcept -> change {
  if (mode == mode_)
    return std::nullopt;
  const breaker_state from = state();
  // Where nothing is decided nothing changes either: it is left as it was entered.
  if (!decides(mode)) {
    forget_calls();
    open_time_ = duration::zero();
    inner_ = breaker_state::closed;
    ++generation_;
  }
  mode_ = mode;
  since_ = now;
  if (mode == breaker_mode::forced_open)
    last_opening_ = breaker_reason::forced;
  return breaker_transition{from, state(), breaker_reason::forced};
}

void circuit_breaker::apply(const breaker_settings& settings) noexcept {
  if (settings.window != settings_.window)
    window_ = call_window{settings.window};
  settings_ = settings;
}

breaker_state circuit_breaker::state() const noexcept {
  switch (mode_) {
    case breaker_mode::automatic:
      return inner_;
    case breaker_mode::forced_open:
      return breaker_state::forced_open;
    case breaker_mode::disabled:
      return breaker_state::disabled;
    case breaker_mode::metrics_only:
      return breaker_state::metrics_only;
  }
  return inner_;
}

breaker_snapshot circuit_breaker::snapshot(time_point now) const noexcept {
  return {.state = state(),
          .mode = mode_,
          .since = since_,
          .window = inner_ == breaker_state::closed ? window_.counts(now) : opened_by_,
          .consecutive_failures = consecutive_failures_,
          .retry_in = retry_in(now),
          .openings = openings_,
          .last_opening = last_opening_};
}

std::optional<breaker_reason> circuit_breaker::reason_to_open(time_point now) const noexcept {
  if (reaches(consecutive_failures_, settings_.consecutive_failures))
    return breaker_reason::consecutive_failures;
  const call_counts counts = window_.counts(now);
  if (counts.calls < settings_.minimum_calls)
    return std::nullopt;
  if (reaches(counts.failure_percent(), settings_.failure_percent))
    return breaker_reason::failure_rate;
  if (reaches(counts.slow_percent(), settings_.slow_percent))
    return breaker_reason::slow_rate;
  return std::nullopt;
}

auto circuit_breaker::judge(time_point now) noexcept -> change {
  // After a success as well: it may be the call that makes the window large enough to judge by.
  if (const auto reason = reason_to_open(now))
    return open(*reason, now);
  return std::nullopt;
}

breaker_transition circuit_breaker::open(breaker_reason reason, time_point now) noexcept {
  std::uniform_int_distribution<duration::rep> percent{80, 120};
  open_time_ = std::clamp(open_time_ * 2, settings_.open_min, settings_.open_max);
  until_ = now + open_time_ * percent(random_) / 100;
  if (inner_ == breaker_state::closed) {
    last_opening_ = reason;
    opened_by_ = window_.counts(now);
  }
  ++openings_;
  return enter(breaker_state::open, reason, now);
}

void circuit_breaker::forget_calls() noexcept {
  window_.clear();
  consecutive_failures_ = 0;
}

breaker_transition circuit_breaker::enter(breaker_state next, breaker_reason reason,
                                          time_point now) noexcept {
  const breaker_state from = std::exchange(inner_, next);
  ++generation_;
  if (mode_ == breaker_mode::automatic)
    since_ = now;
  return {from, next, reason};
}

}  // namespace turnomatic
