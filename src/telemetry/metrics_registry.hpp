// Where all numbers of the instance come together at a scrape.
#pragma once

#include "core/refusal_watch.hpp"
#include "telemetry/process_sample.hpp"
#include "telemetry/worker_metrics.hpp"

#include <turnomatic/breaker.hpp>
#include <turnomatic/turn.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace turnomatic::telemetry {

/// Which build is running. The compiler's name is added by this layer.
struct build_information {
  std::string version;
  std::string revision;
};

/// A remote store, as it is at this moment.
struct store_state {
  std::string_view shard;                                     ///< lives as long as the program
  std::array<std::uint64_t, breaker_state_count> breakers{};  ///< workers whose breaker is so
  unsigned failure_percent{0};  ///< of calls, in the breaker of the worker where it is worst
  unsigned slow_percent{0};     ///< likewise
  std::optional<duration> next_probe{};  ///< nothing if no breaker will probe
  std::uint64_t lanes{0};                ///< one a worker
  std::uint64_t lanes_connected{0};      ///< of these
  std::uint64_t lanes_counting{0};       ///< of those that are connected
  std::uint64_t waiting{0};              ///< requests that no batch has taken up yet
  std::uint64_t waiting_limit{0};
  std::uint64_t shed{0};       ///< requests refused because a queue was full
  std::uint64_t under_way{0};  ///< batches whose outcome is open
  bool halted{false};          ///< no turns at all: the store was emptied, or is another one
  bool recovering{false};      ///< the store is closed
  std::uint64_t unheard_instances{0};
  std::uint64_t counters_behind{0};
  std::uint64_t losses{0};
  std::uint64_t marked_ids{0};  ///< ids of which the highest turn issued is remembered
};

/// Takes of new ids that were refused since the start, by the limit that did.
struct new_id_refusals {
  std::uint64_t by_instance{0};
  std::uint64_t by_address{0};
};

/// What the numbers of the workers do not tell: the state of the instance at this moment.
struct instance_state {
  std::uint64_t counters{0};                ///< ids that the backend holds
  std::uint64_t counters_limit{0};          ///< ids that it may hold
  std::uint64_t idempotency_keys{0};        ///< keys under which turns are remembered
  std::uint64_t idempotency_keys_limit{0};  ///< keys that may be remembered
  new_id_refusals new_ids{};
  std::uint64_t degradations{0};  ///< entries of /degraded
  bool ready{false};              ///< what /readyz says
  std::uint32_t workers{0};
  duration worker_heartbeat_age{};     ///< since the slowest event loop last turned
  std::uint64_t connections{0};        ///< of callers, that have a place among the limit
  std::uint64_t connections_limit{0};  ///< over all workers
  std::uint64_t reloads_applied{0};    ///< configuration reloads since the start
  std::uint64_t reloads_rejected{0};
  bool last_reload_succeeded{true};  ///< the load at the start counts
  std::chrono::system_clock::time_point last_reload{};
  std::optional<store_state> store{};  ///< nothing if the counters are not in a remote store
};

/// Owns the workers' shards, asks for the instance's state at each scrape and renders
/// everything as text. Nothing is computed between scrapes.
///
/// Thread-safe. Shards are never removed: their addresses stay valid as long as the registry,
/// and totals never go back.
class metrics_registry {
 public:
  /// `backend` is the value of the label of the same name. `sample_state` is called by
  /// `render`, on its thread, and must not call back into the registry.
  metrics_registry(build_information build, std::string backend,
                   std::function<instance_state()> sample_state);

  /// A shard for one more thread, `name` in the label `worker`. Allocates; call it while the thread
  /// is being set up. `log` must outlive the registry.
  [[nodiscard]] worker_metrics& add_worker(std::string name, event_log& log);

  /// What the workers' stores have refused and done since the start.
  [[nodiscard]] refusal_watch::totals store_totals() const;

  /// The Prometheus text exposition, version 0.0.4. A scrape takes well under a millisecond
  /// of CPU plus the reads of /proc, so it belongs on the operations thread.
  [[nodiscard]] std::string render() const;

 private:
  struct named_worker {
    named_worker(std::string named, event_log& log) : name{std::move(named)}, metrics{log} {}

    const std::string name;
    worker_metrics metrics;
  };

  [[nodiscard]] metric_totals add_up() const;  // under the lock

  const build_information build_;
  const std::string backend_;
  const std::function<instance_state()> sample_state_;
  const process_collector process_;
  mutable std::mutex mutex_;  // guards what follows, not the cells
  std::deque<named_worker> workers_;
  mutable std::uint64_t issued_shown_{0};  // turns, at the last scrape
};

}  // namespace turnomatic::telemetry
