#include "telemetry/event_log.hpp"

#include "telemetry/log.hpp"

#include <cstddef>
#include <utility>

namespace turnomatic::telemetry {
namespace {

/// How a kind of event is written. Those that name an id get a burst, the others are all alike.
struct line_rule {
  log_level level;
  unsigned burst;
  duration interval{event_log::period};
};

constexpr line_rule rule_of(store_event what) noexcept {
  switch (what) {
    case store_event::connected:
    case store_event::recovered:
      return {log_level::info, 1};
    case store_event::founded:
      return {log_level::info, 10};
    case store_event::connect_failed:
    case store_event::connection_lost:
    case store_event::recovering:
      return {log_level::warn, 1};
    case store_event::turns_burned:
      return {log_level::warn, 10};
    case store_event::lost:
      return {log_level::error, 1};
    case store_event::counter_behind:
      return {log_level::error, 10};
  }
  return {log_level::error, 1};
}

constexpr line_rule rule_of(breaker_reason why) noexcept {
  switch (why) {
    case breaker_reason::failure_rate:
    case breaker_reason::slow_rate:
    case breaker_reason::consecutive_failures:
      return {log_level::warn, 1};
    case breaker_reason::probe_failed:
    case breaker_reason::open_time_over:
      return {log_level::debug, 1};
    case breaker_reason::forced:
    case breaker_reason::probe_succeeded:
      return {log_level::info, 1};
  }
  return {log_level::warn, 1};
}

constexpr line_rule rule_of(store_refusal) noexcept {
  return {log_level::warn, 1};
}

constexpr line_rule rule_of(incident) noexcept {
  return {log_level::warn, 10, event_log::client_period};
}

/// Of the lines that tell of it: those of the access log, or that a client was refused.
constexpr std::string_view message_of(incident what) noexcept {
  const bool has_a_status = what == incident::unauthorized || what == incident::server_error;
  return has_a_status ? "request" : "client refused";
}

/// A limiter for each enumerator, by its rule.
template <class Enum, std::size_t Count>
std::array<rate_limiter, Count> make_limiters() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<rate_limiter, Count>{rate_limiter{rule_of(static_cast<Enum>(I)).interval,
                                                        rule_of(static_cast<Enum>(I)).burst}...};
  }
  (std::make_index_sequence<Count>{});
}

}  // namespace

event_log::event_log()
    : store_events_{make_limiters<store_event, store_event_count>()},
      breaker_changes_{make_limiters<breaker_reason, breaker_reason_count>()},
      refusals_{make_limiters<store_refusal, store_refusal_count>()},
      incidents_{make_limiters<incident, incident_count>()} {}

void event_log::happened(store_event what, std::string_view detail, time_point now) noexcept {
  const log_level level = rule_of(what).level;
  if (!log::enabled(level))
    return;
  if (const auto left_out = store_events_[index_of(what)].admit(now))
    log::write(level, "store",
               {{"event", store_event_labels[index_of(what)]},
                {"detail", detail},
                {"left_out", *left_out}});
}

void event_log::refused(store_refusal kind, std::string_view text, time_point now) noexcept {
  const auto left_out = refusals_[index_of(kind)].admit(now);
  if (!left_out)
    return;
  {
    const std::scoped_lock lock{words_mutex_};
    words_[index_of(kind)] = text;
  }
  log::write(
      rule_of(kind).level, "the store refuses",
      {{"kind", store_refusal_labels[index_of(kind)]}, {"said", text}, {"left_out", *left_out}});
}

std::optional<std::uint64_t> event_log::admit(incident what, time_point now) noexcept {
  if (!log::enabled(rule_of(what).level))
    return std::nullopt;
  return incidents_[index_of(what)].admit(now);
}

std::string event_log::words_of(store_refusal kind) const {
  const std::scoped_lock lock{words_mutex_};
  return words_[index_of(kind)];
}

void event_log::breaker_changed(breaker_state from, breaker_state to, breaker_reason why,
                                time_point now) noexcept {
  const log_level level = rule_of(why).level;
  if (!log::enabled(level))
    return;
  if (const auto left_out = breaker_changes_[index_of(why)].admit(now))
    log::write(level, "circuit breaker",
               {{"from", breaker_state_labels[index_of(from)]},
                {"to", breaker_state_labels[index_of(to)]},
                {"why", breaker_reason_labels[index_of(why)]},
                {"left_out", *left_out}});
}

void event_log::tell_left_out(time_point now) noexcept {
  const auto tell = [now]<class Enum>(auto& limiters, std::string_view message,
                                      std::string_view key, const auto& labels, Enum) {
    for (std::size_t i = 0; i < limiters.size(); ++i) {
      if (const std::uint64_t left_out = limiters[i].overdue(now))
        log::write(rule_of(static_cast<Enum>(i)).level, message,
                   {{key, labels[i]}, {"left_out", left_out}});
    }
  };
  tell(store_events_, "store", "event", store_event_labels, store_event{});
  tell(breaker_changes_, "circuit breaker", "why", breaker_reason_labels, breaker_reason{});
  tell(refusals_, "the store refuses", "kind", store_refusal_labels, store_refusal{});
  for (std::size_t i = 0; i < incidents_.size(); ++i) {
    if (const std::uint64_t left_out = incidents_[i].overdue(now))
      log::write(rule_of(incident{}).level, message_of(static_cast<incident>(i)),
                 {{"reason", incident_labels[i]}, {"left_out", left_out}});
  }
}

}  // namespace turnomatic::telemetry
