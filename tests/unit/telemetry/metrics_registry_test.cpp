#include "telemetry/metrics_registry.hpp"

#include "unit/telemetry/exposition.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace turnomatic::telemetry {
namespace {

using namespace std::chrono_literals;

std::string labelled(std::string_view name, std::string_view label, std::string_view value) {
  std::string series{name};
  return series.append("{").append(label).append("=\"").append(value).append("\"}");
}

class metrics_registry_render : public testing::Test {
 protected:
  exposition scrape() const { return exposition{registry.render()}; }

  event_log events;
  instance_state state;
  metrics_registry registry{{"1.2.3", "abc123"}, "memory", [this] { return state; }};
};

TEST_F(metrics_registry_render, shows_alerted_series_at_zero_before_anything_happened) {
  const exposition text = scrape();
  EXPECT_EQ(text.value(R"(turnomatic_turns_issued_total{backend="memory"})"), "0");
  for (const auto reason : burn_reason_labels) {
    EXPECT_EQ(text.value(labelled("turnomatic_turns_burned_total", "reason", reason)), "0");
  }
  for (const auto reason : rejection_labels) {
    EXPECT_EQ(text.value(labelled("turnomatic_http_rejections_total", "reason", reason)), "0");
  }
  for (const auto reason : close_reason_labels) {
    EXPECT_EQ(text.value(labelled("turnomatic_http_connections_closed_total", "reason", reason)),
              "0");
  }
  for (const auto reason : refusal_labels) {
    EXPECT_EQ(text.value(labelled("turnomatic_http_connections_refused_total", "reason", reason)),
              "0");
  }
  EXPECT_EQ(text.value(R"(http_request_duration_seconds_count{route="turn"})"), "0");
}

TEST_F(metrics_registry_render, shows_the_usual_turn_codes_from_the_start) {
  const exposition text = scrape();
  for (const std::string method : {"GET", "POST"}) {
    for (const std::string code : {"200", "400", "409", "429", "503", "507"}) {
      EXPECT_EQ(text.value("http_requests_total{method=\"" + method + "\",route=\"turn\",code=\"" +
                           code + "\"}"),
                "0");
    }
  }
}

TEST_F(metrics_registry_render, shows_other_combinations_once_they_have_counted) {
  worker_metrics& worker = registry.add_worker("0", events);
  const auto series = R"(http_requests_total{method="other",route="unknown",code="404"})";
  const auto count = R"(http_request_duration_seconds_count{route="unknown"})";
  EXPECT_FALSE(scrape().has(series));
  EXPECT_FALSE(scrape().has(count));

  worker.request_answered({route::unknown, method_label::other, 404, 5us});
  EXPECT_EQ(scrape().value(series), "1");
  EXPECT_EQ(scrape().value(count), "1");
}

TEST_F(metrics_registry_render, merges_the_shards_of_all_workers) {
  for (int i = 1; i <= 3; ++i) {
    worker_metrics& worker = registry.add_worker("worker-" + std::to_string(i), events);
    worker.turns_issued(10);
    worker.request_answered({route::turn, method_label::get, 200, 5us});
    worker.connection_opened();
    worker.connection_opened();
    worker.connection_closed(close_reason::by_client);
  }
  const exposition text = scrape();
  EXPECT_EQ(text.value(R"(turnomatic_turns_issued_total{backend="memory"})"), "30");
  EXPECT_EQ(text.value(R"(http_requests_total{method="GET",route="turn",code="200"})"), "3");
  EXPECT_EQ(text.value("turnomatic_http_connections_opened_total"), "6");
}

TEST_F(metrics_registry_render, shows_what_each_worker_has_of_the_load) {
  worker_metrics& busy = registry.add_worker("worker-0", events);
  worker_metrics& idle = registry.add_worker("worker-1", events);
  for (int i = 0; i < 5; ++i)
    busy.connection_opened();
  busy.connection_closed(close_reason::error);
  busy.turns_issued(40);
  idle.connection_closed(close_reason::by_client);  // read between two of its counts
  state.connections = 4;
  const exposition text = scrape();
  EXPECT_EQ(text.value(R"(turnomatic_worker_connections{worker="worker-0"})"), "4");
  EXPECT_EQ(text.value(R"(turnomatic_worker_connections{worker="worker-1"})"), "0");
  EXPECT_EQ(text.value(R"(turnomatic_worker_turns_total{worker="worker-0"})"), "40");
  EXPECT_EQ(text.value(R"(turnomatic_worker_turns_total{worker="worker-1"})"), "0");
  EXPECT_EQ(text.value("turnomatic_http_connections"), "4");
}

TEST_F(metrics_registry_render, accumulates_histogram_buckets_up_to_infinity) {
  worker_metrics& worker = registry.add_worker("0", events);
  for (const duration latency : {duration{10us}, duration{40us}, duration{2ms}, duration{9s}}) {
    worker.request_answered({route::turn, method_label::get, 200, latency});
  }
  const exposition text = scrape();
  const std::string bucket = R"(http_request_duration_seconds_bucket{route="turn",le=")";
  EXPECT_EQ(text.value(bucket + "2.5e-05\"}"), "1");
  EXPECT_EQ(text.value(bucket + "5e-05\"}"), "2");
  EXPECT_EQ(text.value(bucket + "0.001\"}"), "2");
  EXPECT_EQ(text.value(bucket + "0.0025\"}"), "3");
  EXPECT_EQ(text.value(bucket + "2.5\"}"), "3");
  EXPECT_EQ(text.value(bucket + "+Inf\"}"), "4");
  EXPECT_EQ(text.value(R"(http_request_duration_seconds_count{route="turn"})"), "4");
  EXPECT_DOUBLE_EQ(std::stod(text.value(R"(http_request_duration_seconds_sum{route="turn"})")),
                   9.00205);
}

TEST_F(metrics_registry_render, asks_for_the_state_of_the_instance_each_time) {
  EXPECT_EQ(scrape().value("turnomatic_ready"), "0");
  state = {.counters = 12,
           .counters_limit = 1'000'000,
           .idempotency_keys = 34,
           .idempotency_keys_limit = 2'000'000,
           .new_ids = {.by_instance = 7, .by_address = 8},
           .degradations = 2,
           .ready = true,
           .workers = 4,
           .worker_heartbeat_age = 250ms,
           .connections_limit = 10'000,
           .reloads_applied = 5,
           .reloads_rejected = 1,
           .last_reload_succeeded = false,
           .last_reload = std::chrono::system_clock::time_point{1'500'000'000'500ms}};

  const exposition text = scrape();
  EXPECT_EQ(text.value(R"(turnomatic_counters{backend="memory"})"), "12");
  EXPECT_EQ(text.value(R"(turnomatic_counters_limit{backend="memory"})"), "1000000");
  EXPECT_EQ(text.value(R"(turnomatic_idempotency_keys{backend="memory"})"), "34");
  EXPECT_EQ(text.value(R"(turnomatic_idempotency_keys_limit{backend="memory"})"), "2000000");
  EXPECT_EQ(text.value(R"(turnomatic_new_ids_refused_total{limit="instance"})"), "7");
  EXPECT_EQ(text.value(R"(turnomatic_new_ids_refused_total{limit="address"})"), "8");
  EXPECT_EQ(text.value("turnomatic_degraded"), "2");
  EXPECT_EQ(text.value("turnomatic_ready"), "1");
  EXPECT_EQ(text.value("turnomatic_workers"), "4");
  EXPECT_EQ(text.value("turnomatic_worker_heartbeat_age_seconds"), "0.25");
  EXPECT_EQ(text.value("turnomatic_http_connections_limit"), "10000");
  EXPECT_EQ(text.value(R"(turnomatic_config_reloads_total{result="applied"})"), "5");
  EXPECT_EQ(text.value(R"(turnomatic_config_reloads_total{result="rejected"})"), "1");
  EXPECT_EQ(text.value("turnomatic_config_last_reload_success"), "0");
  EXPECT_EQ(text.value("turnomatic_config_last_reload_timestamp_seconds"), "1500000000.5");
}

TEST_F(metrics_registry_render, shows_a_remote_store) {
  registry.add_worker("worker-0", events).packet_answered(3, 70, 2ms);
  state.store = {.shard = "0",
                 .breakers = {2, 1},
                 .failure_percent = 25,
                 .slow_percent = 50,
                 .next_probe = 500ms,
                 .lanes = 6,
                 .lanes_connected = 5,
                 .lanes_counting = 3,
                 .waiting = 7,
                 .waiting_limit = 8,
                 .shed = 9,
                 .under_way = 10,
                 .halted = true,
                 .recovering = true,
                 .unheard_instances = 11,
                 .counters_behind = 12,
                 .losses = 13,
                 .marked_ids = 14};
  const exposition text = scrape();
  const std::pair<const char*, const char*> rows[] = {
      {"turnomatic_store_packets_total", "1"},
      {"turnomatic_store_batches_total", "3"},
      {"turnomatic_store_batch_turns_total", "70"},
      {R"(turnomatic_store_call_duration_seconds_count{shard="0"})", "1"},
      {R"(turnomatic_circuit_breaker_state{shard="0",state="closed"})", "2"},
      {R"(turnomatic_circuit_breaker_state{shard="0",state="open"})", "1"},
      {R"(turnomatic_circuit_breaker_failure_ratio{shard="0"})", "0.25"},
      {R"(turnomatic_circuit_breaker_slow_ratio{shard="0"})", "0.5"},
      {R"(turnomatic_circuit_breaker_next_probe_seconds{shard="0"})", "0.5"},
      {R"(turnomatic_store_lanes{state="counting"})", "3"},
      {R"(turnomatic_store_lanes{state="connected"})", "2"},
      {R"(turnomatic_store_lanes{state="down"})", "1"},
      {"turnomatic_store_waiting_requests", "7"},
      {"turnomatic_store_waiting_requests_limit", "8"},
      {"turnomatic_store_requests_shed_total", "9"},
      {"turnomatic_store_batches_under_way", "10"},
      {"turnomatic_store_halted", "1"},
      {"turnomatic_store_recovering", "1"},
      {"turnomatic_store_unheard_instances", "11"},
      {"turnomatic_store_counters_behind", "12"},
      {"turnomatic_store_losses_total", "13"},
      {"turnomatic_store_marked_ids", "14"},
      {"turnomatic_store_recoveries_total", "0"}};
  for (const auto& [series, value] : rows)
    EXPECT_EQ(text.value(series), value) << series;
  state.store->next_probe.reset();
  EXPECT_EQ(scrape().value(R"(turnomatic_circuit_breaker_next_probe_seconds{shard="0"})"), "0");
}

// An operator compares it with the time of the scrape.
TEST_F(metrics_registry_render, tells_the_time_of_day) {
  const auto seconds_since_1970 = [] {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  const double before = seconds_since_1970();
  const double shown = std::stod(scrape().value("turnomatic_clock_seconds"));
  const double after = seconds_since_1970();
  constexpr double last_digit = 1e-3;  // of what the text tells at least
  EXPECT_GE(shown, before - last_digit);
  EXPECT_LE(shown, after + last_digit);
}

TEST_F(metrics_registry_render, names_the_build) {
  const auto labels = scrape().families.at("turnomatic_build_info").labels;
  EXPECT_THAT(labels.at("version"), testing::ElementsAre("1.2.3"));
  EXPECT_THAT(labels.at("revision"), testing::ElementsAre("abc123"));
  EXPECT_THAT(labels.at("compiler"), testing::ElementsAre(testing::ContainsRegex("gcc|clang")));
}

TEST_F(metrics_registry_render, gives_every_family_a_type_a_help_text_and_a_series) {
  (void)registry.add_worker("worker-0", events);
  const exposition text = scrape();
  for (const auto& [name, family] : text.families) {
    EXPECT_THAT(family.type, testing::AnyOf("counter", "gauge", "histogram")) << name;
    EXPECT_THAT(family.help, testing::EndsWith(".")) << name;
    EXPECT_EQ(name.ends_with("_total"), family.type == "counter") << name;
    const auto next = text.series.lower_bound(name);
    ASSERT_NE(next, text.series.end()) << name;
    EXPECT_THAT(next->first, testing::StartsWith(name));
  }
}

// What the thread sanitizer watches; without it, that no total ever goes back.
TEST_F(metrics_registry_render, may_run_while_workers_count) {
  constexpr std::uint64_t requests_each = 20'000;
  const auto work = [](worker_metrics& worker) {
    for (std::uint64_t i = 0; i < requests_each; ++i) {
      worker.connection_opened();
      worker.request_answered({route::turn, method_label::get, 200, duration{i}});
      worker.turns_issued(1);
      worker.connection_closed(close_reason::by_client);
    }
  };
  worker_metrics& first = registry.add_worker("0", events);
  std::jthread first_thread{[&] { work(first); }};
  std::jthread second_thread{[&] { work(registry.add_worker("0", events)); }};

  const auto series = R"(turnomatic_turns_issued_total{backend="memory"})";
  std::uint64_t before = 0;
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t now = std::stoull(scrape().value(series));
    EXPECT_GE(now, before);
    before = now;
  }
  first_thread.join();
  second_thread.join();
  EXPECT_EQ(scrape().value(series), std::to_string(2 * requests_each));
  EXPECT_EQ(scrape().value(R"(turnomatic_worker_connections{worker="0"})"), "0");
}

}  // namespace
}  // namespace turnomatic::telemetry
