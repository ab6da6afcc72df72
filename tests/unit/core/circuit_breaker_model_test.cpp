// Every short history of a breaker, against rules that are stated without its data structures.
#include "core/circuit_breaker.hpp"

#include <turnomatic/observer.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

enum class event : std::uint8_t {
  success,
  failure,
  slow_success,
  time_passes,
  probe_succeeds,
  probe_fails,
  late_outcome
};
constexpr std::array<std::string_view, 7> event_labels{
    "success", "failure", "slow success", "time passes", "probe succeeds", "probe fails", "late"};
constexpr std::size_t length_max = 9;

// Small enough for nine events to open by each reason, to probe three times and to outlive the
// window. One step of time ends the shortest open time, two the longest and the deadline.
constexpr breaker_settings settings{.window = 70ms,
                                    .minimum_calls = 4,
                                    .failure_percent = 50,
                                    .slow_call = 5ms,
                                    .slow_percent = 80,
                                    .consecutive_failures = 2,
                                    .open_min = 20ms,
                                    .open_max = 40ms,
                                    .probe_deadline = 40ms};
constexpr duration step = 30ms;
constexpr duration bucket = 7ms;

struct counted_call {
  time_point when;
  event what;
};

class history {
 public:
  /// False if `what` cannot happen now.
  bool happens(event what);
  /// What does not hold; empty if all does.
  [[nodiscard]] std::string_view broken_rule() const;
  [[nodiscard]] std::optional<breaker_reason> last_opening() const {
    return breaker_.snapshot(now_).last_opening;
  }

 private:
  bool call(event what);
  bool time_passes();
  bool probe_settles(event what);
  bool late_outcome();

  void expect(bool holds, std::string_view rule) {
    if (!holds && broken_.empty())
      broken_ = rule;
  }
  void expect_opening();
  [[nodiscard]] call_counts naive_counts(time_point until) const;
  [[nodiscard]] bool should_be_open() const;

  time_point now_{1000s};
  circuit_breaker breaker_{settings, 1, now_};
  call_ticket first_{breaker_.call_sent(now_)};
  std::optional<probe_ticket> probe_;
  probe_ticket settled_probe_;
  std::array<counted_call, length_max> calls_{};  ///< of this closed period or the last
  std::size_t call_count_{};
  duration open_time_{};
  bool ever_opened_{};
  time_point opened_at_;  ///< the last time that it was closed before
  std::string_view broken_;
};

bool history::happens(event what) {
  const breaker_state before = breaker_.state();
  switch (what) {
    case event::success:
    case event::failure:
    case event::slow_success:
      if (!call(what))
        return false;
      break;
    case event::time_passes:
      if (!time_passes())
        return false;
      break;
    case event::probe_succeeds:
    case event::probe_fails:
      if (!probe_settles(what))
        return false;
      break;
    case event::late_outcome:
      if (!late_outcome())
        return false;
      break;
  }
  const bool closes = before != breaker_state::closed && breaker_.state() == breaker_state::closed;
  expect(closes == (what == event::probe_succeeds), "only a probe that succeeds closes");
  return true;
}

bool history::call(event what) {
  if (!breaker_.allows())
    return false;
  calls_[call_count_++] = {now_, what};
  const bool slow = what == event::slow_success;
  const call_ticket ticket = breaker_.call_sent(slow ? now_ - settings.slow_call : now_);
  const auto made = what == event::failure ? breaker_.call_failed(ticket, now_)
                                           : breaker_.call_succeeded(ticket, now_);
  const bool opened = breaker_.state() == breaker_state::open;
  expect(made.has_value() == opened, "says that it opens");
  expect(opened == should_be_open(), "opens exactly when a threshold is reached");
  if (what == event::success)
    open_time_ = 0ms;
  if (opened) {
    opened_at_ = now_;
    expect_opening();
  }
  return true;
}

bool history::time_passes() {
  const auto wake_at = breaker_.wake_at();
  now_ += step;
  const bool due = wake_at && now_ >= *wake_at;
  const auto made = breaker_.advance(now_);
  const auto another = breaker_.probe_due(now_);
  if (!probe_) {
    expect(another.has_value() == due, "a probe is due exactly when the open time is over");
    if (another)
      probe_ = another->ticket;
    return true;
  }
  expect(!another, "one probe at a time");
  expect(made.has_value() == due, "says that the deadline has come");
  expect(due == (breaker_.state() == breaker_state::open), "half-open ends at the deadline");
  if (due) {
    settled_probe_ = *probe_;
    probe_.reset();
    expect_opening();
  }
  return true;
}

bool history::probe_settles(event what) {
  if (!probe_)
    return false;
  settled_probe_ = *probe_;
  probe_.reset();
  if (what == event::probe_succeeds) {
    const auto made = breaker_.probe_succeeded(settled_probe_, now_);
    expect(made && breaker_.state() == breaker_state::closed, "a probe that succeeds closes");
    call_count_ = 0;
    return true;
  }
  expect(breaker_.probe_failed(settled_probe_, now_).has_value(), "says that it opens");
  expect_opening();
  return true;
}

bool history::late_outcome() {
  if (!ever_opened_)
    return false;
  const breaker_snapshot before = breaker_.snapshot(now_);
  const auto wake_at = breaker_.wake_at();
  const bool changed =
      breaker_.call_failed(first_, now_) || breaker_.call_succeeded(first_, now_) ||
      breaker_.probe_failed(settled_probe_, now_) || breaker_.probe_succeeded(settled_probe_, now_);
  const breaker_snapshot after = breaker_.snapshot(now_);
  expect(!changed && before.state == after.state && before.window == after.window &&
             before.consecutive_failures == after.consecutive_failures &&
             wake_at == breaker_.wake_at(),
         "what is late counts for nothing");
  return true;
}

// Twice as long as the last time, unless a call has succeeded since.
void history::expect_opening() {
  ever_opened_ = true;
  open_time_ = std::clamp(open_time_ * 2, settings.open_min, settings.open_max);
  expect(breaker_.state() == breaker_state::open, "opens");
  const duration drawn = breaker_.wake_at().value_or(now_) - now_;
  expect(drawn >= open_time_ * 8 / 10 && drawn <= open_time_ * 12 / 10, "open for the right time");
}

std::string_view history::broken_rule() const {
  if (!broken_.empty())
    return broken_;
  const bool closed = breaker_.state() == breaker_state::closed;
  if (closed != breaker_.allows())
    return "allows calls exactly while closed";
  if (closed != (breaker_.retry_in(now_) == duration::zero()))
    return "asks to wait exactly while not closed";
  if ((breaker_.state() == breaker_state::half_open) != probe_.has_value())
    return "half-open exactly while a probe is under way";
  if (probe_ && now_ >= probe_->deadline)
    return "half-open ends at the deadline";
  if (breaker_.snapshot(now_).window != naive_counts(closed ? now_ : opened_at_))
    return "counts what a plain list of calls says";
  return {};
}

call_counts history::naive_counts(time_point until) const {
  const auto bucket_of = [](time_point when) { return when.time_since_epoch() / bucket; };
  call_counts counts;
  for (std::size_t i = 0; i < call_count_; ++i) {
    if (bucket_of(until) - bucket_of(calls_[i].when) >= 10)
      continue;
    ++counts.calls;
    counts.failures += calls_[i].what == event::failure ? 1U : 0U;
    counts.slow += calls_[i].what == event::slow_success ? 1U : 0U;
  }
  return counts;
}

bool history::should_be_open() const {
  if (call_count_ >= 2 && calls_[call_count_ - 1].what == event::failure &&
      calls_[call_count_ - 2].what == event::failure)
    return true;
  const call_counts counts = naive_counts(now_);
  return counts.calls >= 4 &&
         (counts.failures * 2 >= counts.calls || counts.slow * 5 >= counts.calls * 4);
}

class every_history {
 public:
  /// All that begin with `begun`. False at the first in which a rule is broken.
  bool explore(const history& begun) {
    if (path_.size() == length_max)
      return true;
    for (std::size_t i = 0; i < event_labels.size(); ++i) {
      history next = begun;
      if (!next.happens(static_cast<event>(i)))
        continue;
      path_.push_back(event_labels[i]);
      if (const auto rule = next.broken_rule(); !rule.empty()) {
        ADD_FAILURE() << rule << ", broken by: " << testing::PrintToString(path_);
        return false;
      }
      if (const auto reason = next.last_opening())
        ++openings_[index_of(*reason)];
      if (!explore(next))
        return false;
      path_.pop_back();
    }
    return true;
  }

  [[nodiscard]] bool opened_by(breaker_reason reason) const {
    return openings_[index_of(reason)] > 0;
  }

 private:
  std::vector<std::string_view> path_;
  std::array<std::size_t, breaker_reason_count> openings_{};
};

TEST(circuit_breaker_model, holds_its_rules_in_every_history_of_nine_events) {
  every_history histories;
  ASSERT_TRUE(histories.explore(history{}));
  for (const breaker_reason reason : {breaker_reason::failure_rate, breaker_reason::slow_rate,
                                      breaker_reason::consecutive_failures})
    EXPECT_TRUE(histories.opened_by(reason)) << breaker_reason_labels[index_of(reason)];
}

}  // namespace
}  // namespace turnomatic
