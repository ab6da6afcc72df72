#include "backend/redis/settings.hpp"

#include <utility>

namespace turnomatic::redis {

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

lane::settings lane_settings_of(const configuration& from) {
  return {.guarantee = from.redis.guarantee,
          .on_loss = from.redis.on_loss,
          .connect_timeout = from.redis.connect_timeout,
          .stall_timeout = from.redis.stall_timeout,
          .ping_interval = from.redis.ping_interval,
          .key_lifetime = from.idempotency.lifetime,
          .reconnect = {from.redis.reconnect_min, from.redis.reconnect_max},
          .pipeline_max = from.redis.pipeline_max};
}

store_commands::settings command_settings_of(const configuration& from, std::string lane) {
  return {.prefix = from.redis.prefix,
          .lane = std::move(lane),
          .memos_per_counter = from.redis.memos_per_counter,
          .on_loss = from.redis.on_loss};
}

greeting::settings greeting_settings_of(const configuration& from, const std::string& password,
                                        const std::string& name,
                                        std::function<std::string()> draw_genesis) {
  const redis_target& target = from.redis.target;
  return {.user = target.user,
          .password = password.empty() ? target.password : password,
          .database = target.database,
          .client_name = name,
          .draw_genesis = std::move(draw_genesis)};
}

}  // namespace turnomatic::redis
