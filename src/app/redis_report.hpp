// What an instance on Redis says of itself: health, degradations, metrics.
#pragma once

#include "app/store.hpp"
#include "backend/redis/store_guard.hpp"
#include "core/call_window.hpp"
#include "telemetry/metrics_registry.hpp"

#include <turnomatic/breaker.hpp>
#include <turnomatic/health.hpp>
#include <turnomatic/turn.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::app {

/// What opened the breaker of one worker.
struct breaker_opening {
  breaker_reason why;
  call_counts calls;
  unsigned failed_in_a_row;
};

/// Its lanes and their breakers, one a worker, at one moment.
struct redis_view {
  std::uint64_t workers{0};
  std::uint64_t lanes_open{0};  ///< workers that are connected and count
  bool connecting{false};       ///< for the first time, and nothing has gone wrong yet
  std::string trouble;          ///< why the latest connection failed or ended; may quote the store
  std::array<std::uint64_t, breaker_state_count> breakers{};  ///< workers whose breaker is so
  unsigned failure_percent{0};  ///< of calls, in the breaker of the worker where it is worst
  unsigned slow_percent{0};     ///< likewise
  std::uint64_t openings{0};    ///< of all breakers, since the start
  std::optional<breaker_opening> opening;  ///< of one that is open now
  std::optional<duration> next_probe;      ///< nothing if no breaker will probe
  std::uint64_t waiting{0};                ///< requests that no batch has taken up yet
  std::uint64_t waiting_limit{0};
  std::uint64_t shed{0};       ///< requests refused since the start because a queue was full
  bool shedding{false};        ///< within the last second
  std::uint64_t under_way{0};  ///< batches whose outcome is open
  std::uint64_t under_way_limit{0};
  redis::store_loss loss{redis::store_loss::none};
  std::vector<redis::store_guard::lost_counter> behind;  ///< counters that are halted
  std::uint64_t losses{0};
  std::uint64_t fences{0};

  /// Whether workers are without a connection that should have one.
  [[nodiscard]] bool is_missing_lanes() const noexcept {
    return lanes_open < workers && !connecting;
  }
  /// Workers whose breaker refuses calls.
  [[nodiscard]] std::uint64_t refusing() const noexcept;
  /// Workers whose breaker does not decide, because of the configuration or an operator.
  [[nodiscard]] std::uint64_t overridden() const noexcept;
};

void append_health(const redis_view& view, std::vector<health_check>& checks);
void assess(const redis_view& view, const store::noter& note);
[[nodiscard]] telemetry::store_state sample(const redis_view& view);

}  // namespace turnomatic::app
