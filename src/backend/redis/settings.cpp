#include "backend/redis/settings.hpp"

#include <algorithm>
#include <chrono>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

// The server says nothing else on the connection meanwhile, so it has to be heard well before the
// connection counts as dead.
constexpr std::chrono::milliseconds wait_max = 100ms;

}  // namespace

coalescer::settings coalescer_settings_of(const configuration& from) {
  return {.batch_max = from.redis.batch_max,
          .queue_max = from.redis.queue_max,
          .queue_max_per_id = from.redis.queue_max_per_id};
}

breaker_settings breaker_settings_of(const configuration& from) {
  return {.window = from.breaker.window,
          .minimum_calls = from.breaker.minimum_calls,
          .failure_percent = from.breaker.failure_percent,
          .slow_call = from.breaker.slow_call,
          .slow_percent = from.breaker.slow_percent,
          .consecutive_failures = from.breaker.consecutive_failures,
          .open_min = from.breaker.open_min,
          .open_max = from.breaker.open_max,
          .probe_deadline = from.breaker.probe_deadline};
}

dialer::settings dialer_settings_of(const configuration& from) {
  return {.connect_timeout = from.redis.connect_timeout, .stall_timeout = from.redis.stall_timeout};
}

std::uint32_t acknowledging_replicas_of(const configuration& from) {
  const bool is_single = from.redis.target.topology == redis_topology::single;
  return from.redis.acknowledging_replicas.value_or(is_single ? 0 : 1);
}

shard::settings shard_settings_of(const configuration& from) {
  return {.connection = {.set_up_timeout = from.redis.connect_timeout,
                         .stall_timeout = from.redis.stall_timeout,
                         .reconnect = {from.redis.reconnect_min, from.redis.reconnect_max}},
          .entry = {.on_loss = from.redis.on_loss,
                    .refresh_interval = from.redis.refresh_interval,
                    .recovery_grace = from.redis.recovery_grace},
          .replicas = {.replicas = acknowledging_replicas_of(from),
                       .timeout = std::min({wait_max, from.redis.stall_timeout / 4 + 1ms,
                                            from.breaker.probe_deadline / 2 + 1ms})},
          .key_lifetime = from.idempotency.lifetime};
}

}  // namespace turnomatic::redis
