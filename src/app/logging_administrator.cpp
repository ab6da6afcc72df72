#include "app/logging_administrator.hpp"

#include "telemetry/log.hpp"

namespace turnomatic::app {
namespace {

void log_set(const admin_request& what, const admin_answer& answer) {
  const bool back = what.turn < answer.turn_before;
  log::write(
      what.force ? log_level::warn : log_level::info,
      back ? "operator: counter set back, turns will be handed out again" : "operator: counter set",
      {{"peer", what.peer},
       {"id", what.id->text()},
       {"old", answer.turn_before},
       {"new", what.turn},
       {"forced", what.force}});
}

void log_change(const admin_request& what, const admin_answer& answer) {
  switch (what.what) {
    case admin_action::peek:
    case admin_action::list:
    case admin_action::show_breakers:
      return;
    case admin_action::set:
      return log_set(what, answer);
    case admin_action::resume:
      return log::info(
          "operator: counter resumed",
          {{"peer", what.peer}, {"id", what.id->text()}, {"turno", answer.counters.at(0).turn}});
    case admin_action::set_breakers:
      return log::warn("operator: circuit breaker set",
                       {{"peer", what.peer},
                        {"mode", breaker_mode_labels[static_cast<std::size_t>(what.mode)]}});
    case admin_action::adopt:
      if (answer.adopted)
        log::warn("operator: the store is adopted as it is", {{"peer", what.peer}});
      return;
  }
}

void log_doubt(const admin_request& what, const boost::system::error_code& error) {
  if (what.id && classify(error) == error_class::outcome_unknown)
    log::warn(
        "operator: a change may have been made, its answer was lost",
        {{"peer", what.peer}, {"id", what.id->text()}, {"new", what.turn}, {"forced", what.force}});
}

}  // namespace

void logging_administrator::perform(const admin_request& what, completion done) {
  performs_->perform(what, [what, done = std::move(done)](result<admin_answer> outcome) {
    if (outcome)
      log_change(what, *outcome);
    else
      log_doubt(what, outcome.error());
    done(std::move(outcome));
  });
}

}  // namespace turnomatic::app
