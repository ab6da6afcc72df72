// Every key is given a value of its own: two that were exchanged would be seen.
#include "backend/redis/settings.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

TEST(redis_settings, give_the_coalescer_its_bounds) {
  configuration from;
  from.redis.batch_max = 11;
  from.redis.queue_max = 12;
  from.redis.queue_max_per_id = 13;
  const coalescer::settings made = coalescer_settings_of(from);
  EXPECT_EQ(made.batch_max, 11U);
  EXPECT_EQ(made.queue_max, 12U);
  EXPECT_EQ(made.queue_max_per_id, 13U);
}

TEST(redis_settings, give_the_breaker_its_thresholds) {
  configuration from;
  from.breaker.window = 11ms;
  from.breaker.minimum_calls = 12;
  from.breaker.failure_percent = 13;
  from.breaker.slow_call = 14ms;
  from.breaker.slow_percent = 15;
  from.breaker.consecutive_failures = 16;
  from.breaker.open_min = 17ms;
  from.breaker.open_max = 18ms;
  from.breaker.probe_deadline = 19ms;
  const breaker_settings made = breaker_settings_of(from);
  EXPECT_EQ(made.window, 11ms);
  EXPECT_EQ(made.minimum_calls, 12U);
  EXPECT_EQ(made.failure_percent, 13U);
  EXPECT_EQ(made.slow_call, 14ms);
  EXPECT_EQ(made.slow_percent, 15U);
  EXPECT_EQ(made.consecutive_failures, 16U);
  EXPECT_EQ(made.open_min, 17ms);
  EXPECT_EQ(made.open_max, 18ms);
  EXPECT_EQ(made.probe_deadline, 19ms);
}

TEST(redis_settings, give_the_dialer_its_times) {
  configuration from;
  from.redis.connect_timeout = 11ms;
  from.redis.stall_timeout = 12ms;
  const dialer::settings made = dialer_settings_of(from);
  EXPECT_EQ(made.connect_timeout, 11ms);
  EXPECT_EQ(made.stall_timeout, 12ms);
}

TEST(redis_settings, give_the_shard_its_times) {
  configuration from;
  from.redis.on_loss = loss_policy::skip;
  from.redis.connect_timeout = 11ms;
  from.redis.stall_timeout = 12ms;
  from.redis.refresh_interval = 13ms;
  from.redis.recovery_grace = 14ms;
  from.redis.reconnect_min = 15ms;
  from.redis.reconnect_max = 16ms;
  from.idempotency.lifetime = 17ms;
  const shard::settings made = shard_settings_of(from);
  EXPECT_EQ(made.entry.on_loss, loss_policy::skip);
  EXPECT_EQ(made.connection.set_up_timeout, 11ms);
  EXPECT_EQ(made.connection.stall_timeout, 12ms);
  EXPECT_EQ(made.entry.refresh_interval, 13ms);
  EXPECT_EQ(made.entry.recovery_grace, 14ms);
  EXPECT_EQ(made.connection.reconnect.min, 15ms);
  EXPECT_EQ(made.connection.reconnect.max, 16ms);
  EXPECT_EQ(made.key_lifetime, 17ms);
}

TEST(redis_settings, ask_for_one_replica_where_there_are_sentinels_unless_told_otherwise) {
  configuration from;
  EXPECT_EQ(acknowledging_replicas_of(from), 0U);
  from.redis.target.topology = redis_topology::sentinel;
  EXPECT_EQ(acknowledging_replicas_of(from), 1U);
  from.redis.acknowledging_replicas = 0;
  EXPECT_EQ(acknowledging_replicas_of(from), 0U);
  from.redis.acknowledging_replicas = 2;
  from.redis.target.topology = redis_topology::single;
  EXPECT_EQ(acknowledging_replicas_of(from), 2U);
  EXPECT_EQ(shard_settings_of(from).replicas.replicas, 2U);
}

// The server says nothing else meanwhile: neither the connection nor a probe may be given up.
TEST(redis_settings, wait_for_replicas_for_less_than_for_a_silent_server) {
  configuration from;
  EXPECT_EQ(shard_settings_of(from).replicas.timeout, 100ms);
  from.redis.stall_timeout = 80ms;
  EXPECT_EQ(shard_settings_of(from).replicas.timeout, 21ms);
  from.breaker.probe_deadline = 10ms;
  EXPECT_EQ(shard_settings_of(from).replicas.timeout, 6ms);
}

}  // namespace
}  // namespace turnomatic::redis
