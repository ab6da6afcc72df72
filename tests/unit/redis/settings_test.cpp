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

TEST(redis_settings, give_the_lane_its_times) {
  configuration from;
  from.redis.guarantee = redis_guarantee::fast;
  from.redis.on_loss = loss_policy::skip;
  from.redis.connect_timeout = 11ms;
  from.redis.stall_timeout = 12ms;
  from.redis.ping_interval = 13ms;
  from.idempotency.lifetime = 14ms;
  from.redis.reconnect_min = 15ms;
  from.redis.reconnect_max = 16ms;
  from.redis.pipeline_max = 17;
  const lane::settings made = lane_settings_of(from);
  EXPECT_EQ(made.guarantee, redis_guarantee::fast);
  EXPECT_EQ(made.on_loss, loss_policy::skip);
  EXPECT_EQ(made.connect_timeout, 11ms);
  EXPECT_EQ(made.stall_timeout, 12ms);
  EXPECT_EQ(made.ping_interval, 13ms);
  EXPECT_EQ(made.key_lifetime, 14ms);
  EXPECT_EQ(made.reconnect.min, 15ms);
  EXPECT_EQ(made.reconnect.max, 16ms);
  EXPECT_EQ(made.pipeline_max, 17U);
}

TEST(redis_settings, give_the_commands_their_keys) {
  configuration from;
  from.redis.prefix = "shop";
  from.redis.memos_per_counter = 11;
  from.redis.on_loss = loss_policy::skip;
  const store_commands::settings made = command_settings_of(from, "lane1");
  EXPECT_EQ(made.prefix, "shop");
  EXPECT_EQ(made.lane, "lane1");
  EXPECT_EQ(made.memos_per_counter, 11U);
  EXPECT_EQ(made.on_loss, loss_policy::skip);
}

TEST(redis_settings, give_the_greeting_what_it_says) {
  configuration from;
  from.redis.target.user = "clerk";
  from.redis.target.password = "of the URL";
  from.redis.target.database = 3;
  const auto drawn = [] { return std::string{"drawn"}; };
  const greeting::settings made = greeting_settings_of(from, "", "me", drawn);
  EXPECT_EQ(made.user, "clerk");
  EXPECT_EQ(made.password, "of the URL");
  EXPECT_EQ(made.database, 3U);
  EXPECT_EQ(made.client_name, "me");
  EXPECT_EQ(made.draw_genesis(), "drawn");
  EXPECT_EQ(greeting_settings_of(from, "of a file", "me", drawn).password, "of a file");
}

}  // namespace
}  // namespace turnomatic::redis
