#include "app/redis_report.hpp"

#include <turnomatic/observer.hpp>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

namespace turnomatic::app {
namespace {

constexpr std::string_view shard = "0";  // one Redis is one shard

template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

std::uint64_t count_of(const redis_view& view, breaker_state state) {
  return view.breakers[index_of(state)];
}

// "1 open, 2 half_open".
std::string states_of(const redis_view& view) {
  std::string list;
  for (std::size_t i = 0; i < breaker_state_count; ++i) {
    if (view.breakers[i] > 0)
      list += text(list.empty() ? "" : ", ", view.breakers[i], ' ', breaker_state_labels[i]);
  }
  return list;
}

// "breakers of 4 workers: 3 closed, 1 open; opened 2 times since the start, now by failure_rate: 12
// of 20 calls failed, 3 in a row, 0 were slow; the next probe in 120 ms". Of those that are forced
// open, or count nothing, there is nothing to say.
std::string breaker_text(const redis_view& view) {
  std::string said = text("breakers of ", view.workers, " workers: ", states_of(view), "; opened ",
                          view.openings, " times since the start");
  if (view.opening) {
    const breaker_opening& by = *view.opening;
    said += text(", now by ", breaker_reason_labels[index_of(by.why)], ": ", by.calls.failures,
                 " of ", by.calls.calls, " calls failed, ", by.failed_in_a_row, " in a row, ",
                 by.calls.slow, " were slow");
  }
  if (view.next_probe)
    said += text("; the next probe in ",
                 std::chrono::ceil<std::chrono::milliseconds>(*view.next_probe).count(), " ms");
  return said;
}

std::string connection_text(const redis_view& view) {
  return text(view.lanes_open, " of ", view.workers, " workers are connected to Redis",
              view.trouble.empty() ? "" : ": ", view.trouble);
}

std::string loss_text(redis::store_loss loss) {
  return loss == redis::store_loss::emptied
             ? "the store has lost its genesis, and with it what was issued: it was emptied"
             : "the store has another genesis than the one that was counted on: it was exchanged";
}

std::string behind_text(const redis_view& view) {
  const auto& first = view.behind.front();
  return text(view.behind.size(),
              " counters were behind what had been issued, the first: ", first.id, " stood at ",
              first.found, ", issued up to ", first.issued);
}

health_check measured(const char* name, const char* type, std::uint64_t value, const char* unit) {
  return {name, type, health_status::pass, static_cast<double>(value), unit, {}};
}

void warn(health_check& check, std::string why) {
  check.status = health_status::warn;
  check.output = std::move(why);
}

}  // namespace

std::uint64_t redis_view::refusing() const noexcept {
  return breakers[index_of(breaker_state::open)] + breakers[index_of(breaker_state::half_open)] +
         breakers[index_of(breaker_state::forced_open)];
}

std::uint64_t redis_view::overridden() const noexcept {
  return breakers[index_of(breaker_state::forced_open)] +
         breakers[index_of(breaker_state::disabled)] +
         breakers[index_of(breaker_state::metrics_only)];
}

void append_health(const redis_view& view, std::vector<health_check>& checks) {
  health_check connection = measured("redis:connection", "datastore", view.lanes_open, "lanes");
  if (view.loss != redis::store_loss::none) {
    connection.status = health_status::fail;
    connection.output = loss_text(view.loss);
  } else if (view.is_missing_lanes()) {
    warn(connection, connection_text(view));
  }
  checks.push_back(std::move(connection));

  health_check breaker =
      measured("redis:circuit_breaker", "component", view.refusing(), "refusing workers");
  if (view.refusing() > 0 || view.overridden() > 0)
    warn(breaker, breaker_text(view));
  checks.push_back(std::move(breaker));
  checks.push_back(measured("redis:circuit_breaker_openings", "component", view.openings, "times"));
  checks.push_back(measured("redis:failed_calls", "datastore", view.failure_percent, "percent"));
  checks.push_back(measured("redis:slow_calls", "datastore", view.slow_percent, "percent"));

  health_check queue = measured("redis:waiting_requests", "component", view.waiting, "requests");
  if (view.shedding)
    warn(queue, "a queue is full: requests are answered 503");
  checks.push_back(std::move(queue));

  health_check behind = measured("redis:counters_behind", "datastore", view.behind.size(), "ids");
  if (!view.behind.empty()) {
    behind.status = health_status::fail;
    behind.output = behind_text(view);
  }
  checks.push_back(std::move(behind));
}

void assess(const redis_view& view, const store::noter& note) {
  const bool halted = view.loss != redis::store_loss::none;
  note(view.loss == redis::store_loss::emptied, "store_emptied",
       loss_text(redis::store_loss::emptied),
       "every turn is answered 503 until the store is restored or adopted");
  note(view.loss == redis::store_loss::exchanged, "store_exchanged",
       loss_text(redis::store_loss::exchanged),
       "every turn is answered 503 until the store is restored or adopted");
  note(!halted && view.is_missing_lanes(), "store_unreachable", connection_text(view),
       "requests wait within their deadline; connecting is tried again");
  const std::uint64_t forced = count_of(view, breaker_state::forced_open);
  note(view.refusing() > forced, "circuit_breaker_open", breaker_text(view),
       "turns are answered 503 at once; probes find out when Redis is back");
  note(view.overridden() > 0, "circuit_breaker_overridden", breaker_text(view),
       forced > 0 ? "turns are answered 503 at once, and nothing probes, until the mode is set back"
                  : "calls are sent whatever becomes of them, until the mode is set back");
  note(view.shedding, "store_overloaded",
       text(view.waiting, " requests wait, and a queue is full or was within the last second"),
       "what finds it full is answered 503");
  note(!view.behind.empty(), "counters_behind", view.behind.empty() ? "" : behind_text(view),
       "these ids are answered 503 until an operator resumes them");
}

telemetry::store_state sample(const redis_view& view) {
  return {.shard = shard,
          .breakers = view.breakers,
          .failure_ratio = view.failure_percent / 100.0,
          .slow_ratio = view.slow_percent / 100.0,
          .next_probe = view.next_probe.value_or(duration::zero()),
          .lanes_open = view.lanes_open,
          .lanes_down = view.workers - view.lanes_open,
          .waiting = view.waiting,
          .waiting_limit = view.waiting_limit,
          .shed = view.shed,
          .under_way = view.under_way,
          .under_way_limit = view.under_way_limit,
          .halted = view.loss != redis::store_loss::none,
          .counters_behind = view.behind.size(),
          .losses = view.losses,
          .fences = view.fences};
}

}  // namespace turnomatic::app
