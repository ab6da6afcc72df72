#include "app/instance.hpp"

#include "app/refusal_report.hpp"
#include "telemetry/log.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::app {
namespace {

constexpr std::string_view connection_limit = "connection_limit";
constexpr std::string_view event_loop_stuck = "event_loop_stuck";
constexpr std::string_view accept_paused = "accept_paused";
constexpr std::string_view configuration_rejected = "configuration_rejected";

}  // namespace

instance::instance(telemetry::build_information build, store& counters,
                   const http::connection_limits& limits, std::uint32_t workers)
    : counters_{counters},
      limits_{limits},
      workers_{workers},
      metrics_{std::move(build), std::string{counters.name()}, [this] { return sample(); }} {}

void instance::count_reload(bool applied) {
  const std::scoped_lock lock{reloads_mutex_};
  ++(applied ? reloads_.applied : reloads_.rejected);
  reloads_.last_succeeded = applied;
  reloads_.last = std::chrono::system_clock::now();
}

void instance::reload_applied() {
  count_reload(true);
  note(false, configuration_rejected, {}, "");
}

void instance::reload_rejected(std::string why) {
  count_reload(false);
  note(true, configuration_rejected, std::move(why), "the previous configuration stays in force");
}

void instance::note_accept_pause(const boost::system::error_code& reason) noexcept {
  if (reason) {
    pause_reason_.store(reason.value());
    paused_since_look_.store(true);
  }
  paused_loops_.fetch_add(reason ? 1 : -1);
}

void instance::note(bool stands, std::string_view what, std::string why, const char* action) {
  if (stands) {
    if (board_.raise(what, why, action, std::chrono::system_clock::now()))
      log::warn("degraded", {{"what", what}, {"why", why}, {"action", action}});
  } else if (board_.clear(what)) {
    log::info("no longer degraded", {{"what", what}});
  }
}

void instance::assess_store(time_point now) {
  const auto noted = [this](bool stands, std::string_view what, std::string why,
                            const char* action) { note(stands, what, std::move(why), action); };
  counters_.assess(now, noted);
  const std::scoped_lock lock{refusals_mutex_};
  refusals_.look(metrics_.store_totals(), now);
  app::assess(refusals_, log_, noted);
}

void instance::assess(time_point now) {
  log_.tell_left_out(now);
  assess_store(now);
  note(connections_full_.look(now, limits_.total() >= limits_.total_max()), connection_limit,
       "as many connections as http.max_connections allows",
       "turns on further connections are answered 503");
  const boost::system::error_code pause_reason{pause_reason_.load(),
                                               boost::system::system_category()};
  const bool pauses = paused_since_look_.exchange(false) || paused_loops_.load() > 0;
  note(accepting_paused_.look(now, pauses), accept_paused, pause_reason.message(),
       "connections wait in the backlog; accepting is tried again");
  note(stalls_.look(now, oldest_heartbeat()), event_loop_stuck,
       "an event loop has not turned for some seconds", "/livez answers 503");
}

time_point instance::oldest_heartbeat() const {
  time_point oldest = time_point::max();
  for (const http::server* loop : loops_)
    oldest = std::min(oldest, loop->heartbeat());
  return oldest;
}

duration instance::heartbeat_age() const {
  return std::max(duration{}, clock::now() - oldest_heartbeat());
}

bool instance::live() const {
  return !board_.contains(event_loop_stuck);
}

readiness instance::ready() const {
  switch (stage_.load()) {
    case stage::starting:
      return {readiness_state::starting, {}};
    case stage::draining:
      return {readiness_state::draining, {}};
    case stage::serving:
      break;
  }
  // A full instance is ready: the next one may be as full, and then a balancer would be left with
  // none. What the machine lacks, the next one may have.
  if (board_.contains(accept_paused))
    return {readiness_state::shedding, "no descriptor or memory for a further connection"};
  if (auto why = counters_.unready())
    return std::move(*why);
  return {readiness_state::ready, {}};
}

std::vector<health_check> instance::health() const {
  std::vector<health_check> checks;
  counters_.append_health(checks);
  if (counters_.is_remote()) {
    const std::scoped_lock lock{refusals_mutex_};
    checks.push_back(health_of(refusals_, log_));
  }

  health_check connections{"http:connections",  "component",
                           health_status::pass, static_cast<double>(limits_.total()),
                           "connections",       {}};
  if (board_.contains(connection_limit)) {
    connections.status = health_status::warn;
    connections.output = "http.max_connections is reached";
  }
  checks.push_back(std::move(connections));

  health_check heartbeat{"event_loops:heartbeat",
                         "component",
                         health_status::pass,
                         std::chrono::duration<double>(heartbeat_age()).count(),
                         "s",
                         {}};
  if (!live()) {
    heartbeat.status = health_status::fail;
    heartbeat.output = "an event loop does not turn";
  }
  checks.push_back(std::move(heartbeat));
  return checks;
}

telemetry::instance_state instance::sample() const {
  telemetry::instance_state state;
  counters_.sample(state);
  state.degradations = board_.list().size();
  state.ready = ready().ready();
  state.workers = workers_;
  state.worker_heartbeat_age = heartbeat_age();
  state.connections = limits_.total();
  state.connections_limit = limits_.total_max();
  const std::scoped_lock lock{reloads_mutex_};
  state.reloads_applied = reloads_.applied;
  state.reloads_rejected = reloads_.rejected;
  state.last_reload_succeeded = reloads_.last_succeeded;
  state.last_reload = reloads_.last;
  return state;
}

}  // namespace turnomatic::app
