#include "telemetry/metrics_registry.hpp"

#include "telemetry/log.hpp"
#include "telemetry/metric_families.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

namespace turnomatic::telemetry {

metrics_registry::metrics_registry(build_information build, std::string backend,
                                   std::function<instance_state()> sample_state)
    : build_{std::move(build)},
      backend_{std::move(backend)},
      sample_state_{std::move(sample_state)} {}

worker_metrics& metrics_registry::add_worker(std::string name, event_log& log) {
  const std::lock_guard lock{mutex_};
  return workers_.emplace_back(std::move(name), log).metrics;
}

metric_totals metrics_registry::add_up() const {
  metric_totals totals;
  for (const named_worker& worker : workers_)
    worker.metrics.add_to(totals);
  return totals;
}

refusal_watch::totals metrics_registry::store_totals() const {
  const std::lock_guard lock{mutex_};
  const metric_totals totals = add_up();
  return {.refusals = totals.store_refusals,
          .successes = totals.packets + totals.store_connections};
}

std::string metrics_registry::render() const {
  metric_totals totals;
  std::vector<worker_share> shares;
  {
    const std::lock_guard lock{mutex_};
    totals = add_up();
    for (const named_worker& worker : workers_)
      shares.push_back({worker.name, worker.metrics.open_connections(), worker.metrics.turns()});
    // A counter must not go back: after some that were shown have turned out to have reached nobody
    // it stands until as many others have been issued.
    issued_shown_ =
        std::max(issued_shown_,
                 totals.turns_issued - std::min(totals.turns_issued, totals.turns_undelivered));
    totals.turns_issued = issued_shown_;
  }
  const instance_state state = sample_state_();

  family_list families;
  append_build_family(build_, families);
  append_turn_families(totals, state, backend_, families);
  append_instance_families(state, families);
  if (state.store)
    append_store_families(totals, *state.store, families);
  append_request_families(totals, families);
  append_connection_families(totals, state, families);
  append_worker_families(shares, families);
  append_reload_families(state, families);
  append_clock_family(std::chrono::system_clock::now(), families);
  append_log_families(log::dropped(), families);
  append_process_families(process_.sample(), families);
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace turnomatic::telemetry
