#include "app/logging_administrator.hpp"

#include "telemetry/log.hpp"

namespace turnomatic::app {
namespace {

void log_set(const admin_request& request, const admin_answer& answer) {
  const bool back = request.turn < answer.turn_before;
  log::write(
      request.force ? log_level::warn : log_level::info,
      back ? "operator: counter set back, turns will be handed out again" : "operator: counter set",
      {{"peer", request.peer},
       {"id", request.id->text()},
       {"old", answer.turn_before},
       {"new", request.turn},
       {"forced", request.force}});
}

void log_change(const admin_request& request, const admin_answer& answer) {
  switch (request.action) {
    case admin_action::peek:
    case admin_action::list:
    case admin_action::show_breakers:
      return;
    case admin_action::set:
      return log_set(request, answer);
    case admin_action::resume:
      return log::info("operator: counter resumed", {{"peer", request.peer},
                                                     {"id", request.id->text()},
                                                     {"turno", answer.counters.at(0).turn}});
    case admin_action::set_breakers:
      return log::warn("operator: circuit breaker set",
                       {{"peer", request.peer},
                        {"mode", breaker_mode_labels[static_cast<std::size_t>(request.mode)]}});
    case admin_action::adopt:
      if (answer.adopted)
        log::warn("operator: store adopted", {{"peer", request.peer}});
      return;
  }
}

void log_doubt(const admin_request& request, const boost::system::error_code& error) {
  if (request.id && classify(error) == error_class::outcome_unknown)
    log::warn("operator: a change may have been made, its answer was lost",
              {{"peer", request.peer},
               {"id", request.id->text()},
               {"new", request.turn},
               {"forced", request.force}});
}

}  // namespace

void logging_administrator::perform(const admin_request& request, completion done) {
  performs_->perform(request, [request, done = std::move(done)](result<admin_answer> outcome) {
    if (outcome)
      log_change(request, *outcome);
    else
      log_doubt(request, outcome.error());
    done(std::move(outcome));
  });
}

}  // namespace turnomatic::app
