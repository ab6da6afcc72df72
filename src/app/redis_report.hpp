// What an instance on Redis says of itself: health and degradations.
#pragma once

#include "app/store.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/server_info.hpp"
#include "core/call_window.hpp"
#include "telemetry/metrics_registry.hpp"

#include <turnomatic/breaker.hpp>
#include <turnomatic/health.hpp>
#include <turnomatic/turn.hpp>

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

/// What is known of the store, and of the workers' ways to it, at one moment.
struct store_reading {
  telemetry::store_state numbers;  ///< all that metrics show
  bool connecting{false};          ///< for the first time, and nothing has gone wrong yet
  std::string trouble;        ///< why the latest connection failed or ended; may quote the store
  std::uint64_t openings{0};  ///< of all breakers, since the start
  std::optional<breaker_opening> opening;  ///< of one that is open now
  bool shedding{false};                    ///< requests, within the last second
  redis::store_loss loss{redis::store_loss::none};
  std::vector<redis::halted_counters::entry> behind;  ///< counters that are halted
  std::optional<duration> closed_for;                 ///< nothing while the store is open
  std::vector<std::string> awaited;         ///< instances, while it is closed and as far as known
  std::vector<std::string> unheard;         ///< instances that the latest recovery did not hear
  redis::server_info server;                ///< as it said when a connection was set up last
  std::uint32_t acknowledging_replicas{0};  ///< that are to hold each turn
  std::uint64_t lanes_lacking_replicas{0};  ///< workers that wait for some
  std::string place;  ///< "mymaster of the sentinels a:26379, b:26379"; empty without sentinels
};

void append_health(const store_reading& seen, std::vector<health_check>& checks);
void assess(const store_reading& seen, const store::noter& note);

/// Names that are separated by blanks.
[[nodiscard]] std::vector<std::string> names_in(std::string_view text);

}  // namespace turnomatic::app
