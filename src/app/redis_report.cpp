#include "app/redis_report.hpp"

#include "app/text.hpp"
#include "core/joined.hpp"

#include <turnomatic/observer.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace turnomatic::app {
namespace {

std::int64_t milliseconds_of(duration time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time).count();
}

std::uint64_t count_of(const store_reading& seen, breaker_state state) {
  return seen.numbers.breakers[index_of(state)];
}

// Workers whose breaker refuses calls.
std::uint64_t refusing(const store_reading& seen) {
  return count_of(seen, breaker_state::open) + count_of(seen, breaker_state::half_open) +
         count_of(seen, breaker_state::forced_open);
}

// Workers whose breaker does not decide, because of the configuration or an operator.
std::uint64_t overridden(const store_reading& seen) {
  return count_of(seen, breaker_state::forced_open) + count_of(seen, breaker_state::disabled) +
         count_of(seen, breaker_state::metrics_only);
}

// Whether workers are without a connection that should have one.
bool is_missing_connections(const store_reading& seen) {
  return seen.numbers.lanes_connected < seen.numbers.lanes && !seen.connecting;
}

// "1 open, 2 half_open".
std::string states_of(const store_reading& seen) {
  std::string list;
  for (std::size_t i = 0; i < breaker_state_count; ++i) {
    if (const std::uint64_t workers = seen.numbers.breakers[i]; workers > 0)
      list += text(list.empty() ? "" : ", ", workers, ' ', breaker_state_labels[i]);
  }
  return list;
}

// "breakers of 4 workers: 3 closed, 1 open; opened 2 times since the start, now by failure_rate: 12
// of 20 calls failed, 3 in a row, 0 were slow; the next probe in 120 ms". Of those that are forced
// open, or count nothing, there is nothing to say.
std::string breaker_text(const store_reading& seen) {
  std::string said = text("breakers of ", seen.numbers.lanes, " workers: ", states_of(seen),
                          "; opened ", seen.openings, " times since the start");
  if (seen.opening) {
    const breaker_opening& by = *seen.opening;
    said += text(", now by ", breaker_reason_labels[index_of(by.why)], ": ", by.calls.failures,
                 " of ", by.calls.calls, " calls failed, ", by.failed_in_a_row, " in a row, ",
                 by.calls.slow, " were slow");
  }
  if (seen.numbers.next_probe)
    said += text("; the next probe in ", milliseconds_of(*seen.numbers.next_probe), " ms");
  return said;
}

// Whom sentinels have named last is shown where all is well, too: it is nowhere else to be read.
std::string place_text(const store_reading& seen) {
  return text(seen.place,
              seen.server.place.address.empty() ? ", not found yet" : ", found last at ",
              seen.server.place.address);
}

std::string connection_text(const store_reading& seen) {
  return text(seen.numbers.lanes_connected, " of ", seen.numbers.lanes,
              " workers are connected to Redis",
              seen.place.empty() ? "" : text(" (", place_text(seen), ')'),
              seen.trouble.empty() ? "" : ": ", seen.trouble);
}

std::string loss_text(redis::store_loss loss) {
  return loss == redis::store_loss::emptied
             ? "there is no store record any more: Redis was emptied, and what was issued is lost "
               "in it; restore the data, or adopt the store as it is"
             : "Redis holds another store than the one that was counted on: let redis.url lead to "
               "the right one, restore the data, or adopt the store as it is";
}

std::string recovery_text(const store_reading& seen) {
  return text("Redis was restarted, and the store has been closed for ",
              milliseconds_of(seen.closed_for.value_or(duration{})), " ms; ",
              seen.awaited.empty() ? "who is awaited is not known yet"
                                   : "awaited: " + joined(seen.awaited, ", "));
}

std::string unheard_text(const store_reading& seen) {
  return text("after a restart of Redis the store was opened without having heard ",
              joined(seen.unheard, ", "),
              "; numbers that these instances handed out after the last save of the store may be "
              "handed out again");
}

std::string behind_text(const store_reading& seen) {
  const auto& first = seen.behind.front();
  return text(seen.behind.size(),
              " counters were behind what had been issued, the first: ", first.id, " stood at ",
              first.found, ", issued up to ", first.issued);
}

std::string replicas_text(const store_reading& seen) {
  return text(seen.lanes_lacking_replicas, " of ", seen.numbers.lanes, " workers wait for ",
              seen.acknowledging_replicas,
              " replicas to hold what they have taken; bring replicas back, or lower "
              "redis.acknowledging_replicas if turns may be lost in a failover");
}

health_check measured(const char* name, const char* type, double value, const char* unit) {
  return {name, type, health_status::pass, value, unit, {}};
}

void warn(health_check& check, std::string why) {
  check.status = health_status::warn;
  check.output = std::move(why);
}

void append_breaker_health(const store_reading& seen, std::vector<health_check>& checks) {
  health_check breaker = measured("redis:circuit_breaker", "component",
                                  static_cast<double>(refusing(seen)), "refusing workers");
  if (refusing(seen) > 0 || overridden(seen) > 0)
    warn(breaker, breaker_text(seen));
  checks.push_back(std::move(breaker));
  checks.push_back(measured("redis:circuit_breaker_openings", "component",
                            static_cast<double>(seen.openings), "times"));
  checks.push_back(
      measured("redis:failed_calls", "datastore", seen.numbers.failure_percent, "percent"));
  checks.push_back(measured("redis:slow_calls", "datastore", seen.numbers.slow_percent, "percent"));
}

void append_store_health(const store_reading& seen, std::vector<health_check>& checks) {
  health_check behind = measured("redis:counters_behind", "datastore",
                                 static_cast<double>(seen.behind.size()), "ids");
  if (!seen.behind.empty()) {
    behind.status = health_status::fail;
    behind.output = behind_text(seen);
  }
  checks.push_back(std::move(behind));

  health_check recovery =
      measured("redis:recovery", "datastore",
               std::chrono::duration<double>(seen.closed_for.value_or(duration{})).count(), "s");
  if (seen.closed_for)
    warn(recovery, recovery_text(seen));
  checks.push_back(std::move(recovery));

  health_check unheard = measured("redis:unheard_instances", "datastore",
                                  static_cast<double>(seen.unheard.size()), "instances");
  if (!seen.unheard.empty())
    warn(unheard, unheard_text(seen));
  checks.push_back(std::move(unheard));
}

void append_replica_health(const store_reading& seen, std::vector<health_check>& checks) {
  health_check replicas = measured("redis:acknowledging_replicas", "datastore",
                                   static_cast<double>(seen.acknowledging_replicas), "replicas");
  std::vector<std::string> doubts =
      redis::doubts_about_replicas(seen.server, seen.acknowledging_replicas);
  if (seen.lanes_lacking_replicas > 0)
    doubts.insert(doubts.begin(), replicas_text(seen));
  if (!doubts.empty())
    warn(replicas, joined(doubts, "; "));
  checks.push_back(std::move(replicas));
}

// To run Redis without a disk that keeps every write is a decision, and nothing is wrong at the
// moment: it is said, and does not warn. Without any log at all each restart loses turns.
bool keeps_no_log(const redis::server_info& server) {
  return server.aof_enabled == "0";
}

void append_configuration_health(const store_reading& seen, std::vector<health_check>& checks) {
  const std::vector<std::string> doubts = redis::doubts_about(seen.server);
  health_check configuration =
      measured("redis:configuration", "datastore", static_cast<double>(doubts.size()), "doubts");
  configuration.output = joined(doubts, "; ");
  if (keeps_no_log(seen.server))
    configuration.status = health_status::warn;
  checks.push_back(std::move(configuration));
}

}  // namespace

void append_health(const store_reading& seen, std::vector<health_check>& checks) {
  health_check connection = measured("redis:connection", "datastore",
                                     static_cast<double>(seen.numbers.lanes_connected), "workers");
  if (seen.loss != redis::store_loss::none) {
    connection.status = health_status::fail;
    connection.output = loss_text(seen.loss);
  } else if (is_missing_connections(seen)) {
    warn(connection, connection_text(seen));
  } else if (!seen.place.empty()) {
    connection.output = place_text(seen);
  }
  checks.push_back(std::move(connection));

  append_breaker_health(seen, checks);

  health_check queue = measured("redis:waiting_requests", "component",
                                static_cast<double>(seen.numbers.waiting), "requests");
  if (seen.shedding)
    warn(queue, "a queue is full: requests are answered 503");
  checks.push_back(std::move(queue));

  append_store_health(seen, checks);
  append_replica_health(seen, checks);
  append_configuration_health(seen, checks);
}

void assess(const store_reading& seen, const store::noter& note) {
  const bool halted = seen.loss != redis::store_loss::none;
  note(seen.loss == redis::store_loss::emptied, "store_emptied",
       loss_text(redis::store_loss::emptied),
       "every turn is answered 503 until the store is restored or adopted");
  note(seen.loss == redis::store_loss::exchanged, "store_exchanged",
       loss_text(redis::store_loss::exchanged),
       "every turn is answered 503 until the store is restored or adopted");
  note(!halted && is_missing_connections(seen), "store_unreachable", connection_text(seen),
       "requests wait within their deadline; connecting is tried again");
  note(!halted && seen.closed_for, "store_recovering", recovery_text(seen),
       "requests wait within their deadline; the store opens when redis.recovery_grace has passed "
       "and no marks come in any more");
  note(!halted && seen.lanes_lacking_replicas > 0, "not_replicated", replicas_text(seen),
       "turns that were taken are held back, and requests are answered 503 at their deadline; what "
       "is not handed out by then never is");
  note(!seen.unheard.empty(), "instances_unheard", unheard_text(seen),
       "turns go on; an instance that comes back leaves this list, and counts above its own marks");
  note(keeps_no_log(seen.server), "store_not_persistent",
       joined(redis::doubts_about(seen.server), "; "),
       "turns are handed out; after a restart of Redis, counters that are behind are halted or "
       "skipped");
  const std::uint64_t forced = count_of(seen, breaker_state::forced_open);
  note(refusing(seen) > forced, "circuit_breaker_open", breaker_text(seen),
       "turns are answered 503 at once; probes find out when Redis is back");
  note(overridden(seen) > 0, "circuit_breaker_overridden", breaker_text(seen),
       forced > 0 ? "turns are answered 503 at once, and nothing probes, until the mode is set back"
                  : "calls are sent whatever becomes of them, until the mode is set back");
  note(seen.shedding, "store_overloaded",
       text(seen.numbers.waiting,
            " requests wait, and a queue is full or was within the last "
            "second"),
       "what finds it full is answered 503");
  note(!seen.behind.empty(), "counters_behind", seen.behind.empty() ? "" : behind_text(seen),
       "these ids are answered 503 until an operator resumes them");
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  std::istringstream words{std::string{text}};
  for (std::string name; words >> name;)
    names.push_back(std::move(name));
  return names;
}

}  // namespace turnomatic::app
