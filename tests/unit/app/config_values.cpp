#include "app/config/key_table.hpp"
#include "app/config/value_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr duration_codec up_to_an_hour{1ms, 1h};

template <class T>
T value_of(const parsed<T>& outcome) {
  EXPECT_TRUE(outcome.has_value());
  return outcome ? *outcome : T{};
}

}  // namespace

TEST(duration, has_a_number_and_a_unit) {
  EXPECT_EQ(value_of(up_to_an_hour.parse("250ms")), 250ms);
  EXPECT_EQ(value_of(up_to_an_hour.parse("5s")), 5s);
  EXPECT_EQ(value_of(up_to_an_hour.parse("2m")), 2min);
  EXPECT_EQ(value_of(up_to_an_hour.parse("1h")), 1h);
}

TEST(duration, keeps_to_its_bounds) {
  EXPECT_TRUE(up_to_an_hour.parse("1ms").has_value());
  EXPECT_FALSE(up_to_an_hour.parse("0ms").has_value());
  EXPECT_TRUE(up_to_an_hour.parse("3600s").has_value());
  EXPECT_FALSE(up_to_an_hour.parse("3601s").has_value());
  EXPECT_FALSE(up_to_an_hour.parse("3600001ms").has_value());
  EXPECT_TRUE((duration_codec{0ms, 1h}.parse("0h").has_value()));
}

TEST(duration, of_any_size_does_not_overflow) {
  for (const auto* text : {"18446744073709551615h", "18446744073709551616ms", "5124095576030431h",
                           "9223372036854775807ms"}) {
    EXPECT_FALSE(up_to_an_hour.parse(text).has_value()) << text;
  }
}

TEST(duration, is_refused_in_any_other_form) {
  for (const auto* text : {"", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5S", "5sec", "1h5m",
                           "0x5s", "1_000ms", "5us"}) {
    EXPECT_THAT(up_to_an_hour.parse(text).error().reason, StartsWith("expected a duration"))
        << text;
  }
}

TEST(duration, without_a_unit_is_told_so) {
  EXPECT_THAT(up_to_an_hour.parse("75").error().reason, HasSubstr("a bare number has no unit"));
}

TEST(duration, is_written_in_the_largest_unit_that_fits) {
  EXPECT_EQ(duration_codec::format(0ms), "0ms");
  EXPECT_EQ(duration_codec::format(1500ms), "1500ms");
  EXPECT_EQ(duration_codec::format(90s), "90s");
  EXPECT_EQ(duration_codec::format(120s), "2m");
  EXPECT_EQ(duration_codec::format(1h), "1h");
}

TEST(count, keeps_to_its_bounds) {
  constexpr count_codec small{1, 10};
  EXPECT_EQ(value_of(small.parse("1")), 1U);
  EXPECT_EQ(value_of(small.parse("10")), 10U);
  for (const auto* text : {"0", "11", "", "-1", "+1", "1 ", "0x1", "1e1", "1.0", "4294967297",
                           "18446744073709551617"}) {
    EXPECT_EQ(small.parse(text).error().reason, "expected a whole number from 1 to 10") << text;
  }
}

TEST(key_table, gives_every_key_a_name_of_its_own_in_each_source) {
  for (const auto& one : key_table()) {
    for (const auto& other : key_table()) {
      if (&one != &other) {
        EXPECT_NE(flag_name(one), flag_name(other));
        EXPECT_NE(variable_name(one), variable_name(other));
      }
    }
    EXPECT_EQ(find_key(one.name), &one);
  }
  EXPECT_EQ(find_key("http"), nullptr);
}

TEST(key_table, derives_flag_and_variable_by_one_rule) {
  const auto* known = find_key("http.idle_timeout");
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(flag_name(*known), "--http-idle-timeout");
  EXPECT_EQ(variable_name(*known), "TURNOMATIC_HTTP_IDLE_TIMEOUT");
}

TEST(key_table, accepts_its_own_defaults) {
  for (const auto& known : key_table()) {
    configuration target;
    EXPECT_FALSE(known.assign(target, default_value(known)).has_value()) << known.name;
    EXPECT_EQ(known.format(target), default_value(known));
  }
}

TEST(key_table, leaves_the_configuration_as_it_is_when_it_refuses_a_value) {
  for (const auto& known : key_table()) {
    configuration target;
    EXPECT_TRUE(known.assign(target, {"none\nof all"}).has_value()) << known.name;
    // No value at all is one only for a list that may be empty.
    EXPECT_EQ(known.assign(target, {}).has_value(), !default_value(known).empty()) << known.name;
    EXPECT_EQ(known.format(target), default_value(known));
  }
}

struct bound {
  const char* key;
  const char* last_good;
  const char* first_bad;
};

TEST(key_table, checks_the_bounds) {
  const bound rows[] = {
      {"workers", "0", "-1"},
      {"workers", "1024", "1025"},
      {"request_deadline", "1ms", "0ms"},
      {"request_deadline", "1h", "3601s"},
      {"http.backlog", "1", "0"},
      {"http.backlog", "65535", "65536"},
      {"http.max_connections", "1", "0"},
      {"http.max_connections", "1000000", "1000001"},
      {"http.max_connections_per_address", "1000000", "1000001"},
      {"http.header_max", "1024", "1023"},
      {"http.header_max", "16384", "16385"},
      {"http.header_timeout", "1ms", "0s"},
      {"http.idle_timeout", "24h", "1441m"},
      {"http.write_timeout", "1ms", "0ms"},
      {"drain.delay", "0ms", "2h"},
      {"drain.timeout", "1ms", "0ms"},
      {"memory.max_ids", "1", "0"},
      {"memory.max_ids", "100000000", "100000001"},
      {"new_ids.rate", "0", "-1"},
      {"new_ids.rate", "60000000", "60000001"},
      {"new_ids.burst", "1", "0"},
      {"new_ids.burst", "1000000", "1000001"},
      {"new_ids.rate_per_address", "60000000", "60000001"},
      {"new_ids.burst_per_address", "1", "0"},
      {"redis.url", "redis://host", "redis://"},
      {"redis.connect_timeout", "1ms", "0ms"},
      {"redis.stall_timeout", "1h", "3601s"},
      {"redis.refresh_interval", "10ms", "9ms"},
      {"redis.refresh_interval", "2s", "2001ms"},
      {"redis.recovery_grace", "10ms", "9ms"},
      {"redis.recovery_grace", "1h", "3601s"},
      {"redis.reconnect_min", "1ms", "0ms"},
      {"redis.reconnect_max", "1h", "3601s"},
      {"redis.batch_max", "1", "0"},
      {"redis.batch_max", "100000", "100001"},
      {"redis.queue_max", "1", "0"},
      {"redis.queue_max", "1000000", "1000001"},
      {"redis.queue_max_per_id", "1", "0"},
      {"redis.queue_max_per_id", "1000000", "1000001"},
      {"redis.marked_ids", "1000", "999"},
      {"redis.acknowledging_replicas", "0", "-1"},
      {"redis.acknowledging_replicas", "16", "17"},
      {"redis.acknowledging_replicas", "automatic", "all"},
      {"redis.marked_ids", "100000000", "100000001"},
      {"breaker.window", "100ms", "99ms"},
      {"breaker.minimum_calls", "1", "0"},
      {"breaker.minimum_calls", "1000000", "1000001"},
      {"breaker.failure_percent", "1", "0"},
      {"breaker.failure_percent", "100", "101"},
      {"breaker.slow_call", "1ms", "0ms"},
      {"breaker.slow_percent", "1", "0"},
      {"breaker.slow_percent", "100", "101"},
      {"breaker.consecutive_failures", "0", "-1"},
      {"breaker.consecutive_failures", "1000", "1001"},
      {"breaker.open_min", "1ms", "0ms"},
      {"breaker.open_max", "1h", "3601s"},
      {"breaker.probe_deadline", "1ms", "0ms"},
      {"idempotency.lifetime", "1s", "999ms"},
      {"idempotency.lifetime", "24h", "25h"},
      {"log.access_sample", "1000000", "1000001"},
  };
  for (const auto& row : rows) {
    configuration target;
    EXPECT_FALSE(find_key(row.key)->assign(target, {row.last_good}).has_value()) << row.last_good;
    EXPECT_TRUE(find_key(row.key)->assign(target, {row.first_bad}).has_value()) << row.first_bad;
  }
}

// Kubernetes kills after 30 s. The log may take two more at the end, and the threads have to stop.
TEST(defaults, leave_a_drain_less_than_25_s_in_all) {
  const configuration defaults;
  EXPECT_LE(defaults.drain.delay + defaults.drain.timeout, std::chrono::seconds{20});
}

struct choice_names {
  const char* key;
  texts names;
};

TEST(key_table, reads_and_writes_every_name_of_a_choice) {
  const choice_names rows[] = {
      {"backend", {"memory", "redis"}},
      {"redis.on_loss", {"halt", "skip"}},
      {"breaker.mode", {"automatic", "forced_open", "disabled", "metrics_only"}},
      {"log.level", {"trace", "debug", "info", "warn", "error", "off"}},
      {"log.format", {"automatic", "text", "json"}},
      {"log.output", {"stderr", "stdout"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(find_key(row.key)->choices, row.names);
    for (const auto& name : row.names) {
      configuration target;
      EXPECT_FALSE(find_key(row.key)->assign(target, {name}).has_value()) << name;
      EXPECT_EQ(find_key(row.key)->format(target), texts{name});
    }
  }
}

}  // namespace turnomatic::app
