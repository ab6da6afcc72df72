#include "telemetry/worker_metrics.hpp"

#include "support/allocation_counter.hpp"
#include "telemetry/log.hpp"

#include <gmock/gmock.h>

#include <numeric>
#include <string>

namespace turnomatic::telemetry {
namespace {

using namespace std::chrono_literals;

event_log the_log;

metric_totals totals_of(const worker_metrics& worker) {
  metric_totals totals;
  worker.add_to(totals);
  return totals;
}

std::uint64_t requests_in(const metric_totals& totals) {
  std::uint64_t sum = 0;
  for (const auto& methods : totals.requests) {
    for (const auto& codes : methods)
      sum = std::accumulate(codes.begin(), codes.end(), sum);
  }
  return sum;
}

TEST(worker_metrics, counts_a_request_under_its_route_method_and_code) {
  worker_metrics worker{the_log};
  worker.request_answered({route::turn, method_label::post, 503, 3us});

  const metric_totals totals = totals_of(worker);
  EXPECT_EQ(totals.requests[index_of(route::turn)][index_of(method_label::post)][status_index(503)],
            1u);
  EXPECT_EQ(requests_in(totals), 1u);
}

TEST(worker_metrics, counts_every_combination_of_labels_apart) {
  worker_metrics worker{the_log};
  for (std::size_t r = 0; r < route_count; ++r) {
    for (std::size_t m = 0; m < method_label_count; ++m) {
      for (const std::uint16_t code : status_codes) {
        worker.request_answered({static_cast<route>(r), static_cast<method_label>(m), code, 1us});
      }
      worker.request_answered({static_cast<route>(r), static_cast<method_label>(m), 299, 1us});
    }
  }
  for (const auto& methods : totals_of(worker).requests) {
    for (const auto& codes : methods)
      EXPECT_THAT(codes, testing::Each(1u));
  }
}

TEST(worker_metrics, puts_a_latency_into_one_bucket_and_into_the_sum) {
  worker_metrics worker{the_log};
  worker.request_answered({route::health, method_label::get, 200, 30us});
  worker.request_answered({route::health, method_label::get, 200, 40us});

  const auto latency = totals_of(worker).latency[index_of(route::health)];
  EXPECT_EQ(latency.buckets[latency_bucket(30us)], 2u);
  EXPECT_EQ(std::accumulate(latency.buckets.begin(), latency.buckets.end(), std::uint64_t{0}), 2u);
  EXPECT_EQ(latency.sum_ns, 70'000u);
}

TEST(worker_metrics, takes_a_negative_latency_for_zero) {
  worker_metrics worker{the_log};
  worker.request_answered({route::turn, method_label::get, 200, -5us});

  const auto latency = totals_of(worker).latency[index_of(route::turn)];
  EXPECT_EQ(latency.buckets[0], 1u);
  EXPECT_EQ(latency.sum_ns, 0u);
}

TEST(worker_metrics, counts_turns_by_number) {
  worker_metrics worker{the_log};
  worker.turns_issued(64);
  worker.turns_issued(1);
  worker.turns_burned(burn_reason::client_gone, 3);

  const metric_totals totals = totals_of(worker);
  EXPECT_EQ(totals.turns_issued, 65u);
  EXPECT_EQ(totals.turns_burned[index_of(burn_reason::client_gone)], 3u);
}

TEST(worker_metrics, counts_each_reason_apart) {
  worker_metrics worker{the_log};
  for (std::size_t i = 0; i < rejection_count; ++i) {
    worker.request_rejected(static_cast<rejection>(i));
  }
  for (std::size_t i = 0; i < close_reason_count; ++i) {
    worker.connection_closed(static_cast<close_reason>(i));
  }
  for (std::size_t i = 0; i < refusal_count; ++i) {
    worker.connection_refused(static_cast<refusal>(i));
  }
  worker.connection_opened();

  const metric_totals totals = totals_of(worker);
  EXPECT_THAT(totals.rejections, testing::Each(1u));
  EXPECT_THAT(totals.connections_closed, testing::Each(1u));
  EXPECT_THAT(totals.connections_refused, testing::Each(1u));
  EXPECT_EQ(totals.connections_opened, 1u);
}

TEST(worker_metrics, counts_the_packets_of_a_store_with_what_was_in_them) {
  worker_metrics worker{the_log};
  worker.packet_answered(3, 70, 2ms);
  worker.packet_answered(1, 5, 30us);
  const metric_totals totals = totals_of(worker);
  EXPECT_EQ(totals.packets, 2u);
  EXPECT_EQ(totals.batches, 4u);
  EXPECT_EQ(totals.batch_turns, 75u);
  EXPECT_EQ(totals.packet_latency.sum_ns, 2'030'000u);
  EXPECT_EQ(totals.packet_latency.buckets[latency_bucket(2ms)], 1u);
  EXPECT_EQ(totals.packet_latency.buckets[latency_bucket(30us)], 1u);
}

TEST(worker_metrics, counts_what_a_store_refuses_by_kind_and_the_connections_to_it) {
  log::set_level(log_level::off);
  worker_metrics worker{the_log};
  for (std::size_t i = 0; i < store_refusal_count; ++i)
    worker.refused(static_cast<store_refusal>(i), "no");
  worker.happened(store_event::connected, {});
  worker.happened(store_event::connect_failed, {});
  for (int i = 0; i < 2; ++i)
    worker.happened(store_event::recovering, {});
  worker.happened(store_event::recovered, {});
  EXPECT_THAT(totals_of(worker).store_refusals, testing::Each(1u));
  EXPECT_EQ(totals_of(worker).store_connections, 1u);
  EXPECT_EQ(totals_of(worker).store_recoveries, 2u);
  log::set_level(log_level::info);
}

TEST(worker_metrics, adds_to_what_the_totals_already_hold) {
  worker_metrics one{the_log};
  worker_metrics other{the_log};
  one.turns_issued(2);
  one.request_answered({route::turn, method_label::get, 200, 1us});
  other.turns_issued(3);
  other.request_answered({route::turn, method_label::get, 200, 1us});

  metric_totals totals;
  one.add_to(totals);
  other.add_to(totals);
  EXPECT_EQ(totals.turns_issued, 5u);
  EXPECT_EQ(requests_in(totals), 2u);
  EXPECT_EQ(totals.latency[index_of(route::turn)].sum_ns, 2'000u);
}

TEST(worker_metrics, does_not_allocate_for_an_answered_request) {
  worker_metrics worker{the_log};
  const std::size_t before = support::allocations_so_far();
  for (int i = 0; i < 1000; ++i) {
    worker.request_answered({route::turn, method_label::get, 200, 5us});
    worker.turns_issued(1);
    worker.packet_answered(2, 3, 5us);
  }
  EXPECT_EQ(support::allocations_so_far(), before);
}

TEST(worker_metrics, shares_no_cache_line_with_its_neighbour) {
  EXPECT_EQ(sizeof(worker_metrics) % 128, 0u);
  EXPECT_EQ(alignof(worker_metrics), 128u);
}

class worker_metrics_access : public testing::Test {
 protected:
  ~worker_metrics_access() override { log::shutdown(); }

  void begin_log(log_level level = log_level::info) {
    log::initialise(
        {.level = level, .format = log_format::json, .sink = [this](std::string_view line) {
           written += line;
           return true;
         }});
  }
  std::string line_for(std::string_view target, log_level level = log_level::info) {
    written.clear();
    begin_log(level);
    worker_metrics{the_log}.access({route::turn, method_label::get, 200, 1'500us}, "192.0.2.1",
                                   target);
    log::shutdown();
    return written;
  }

  std::string written;
};

TEST_F(worker_metrics_access, writes_who_asked_for_what_and_how_it_ended) {
  EXPECT_THAT(line_for("/turno/x?y=1"),
              testing::EndsWith(
                  R"("level":"info","severity":"INFO","message":"request","peer":"192.0.2.1",)"
                  R"("route":"turn","method":"GET","status":200,"latency_us":1500,)"
                  R"("target":"/turno/x?y=1","left_out":0})"
                  "\n"));
}

TEST_F(worker_metrics_access, warns_of_what_failed_and_says_for_how_many_it_stands) {
  begin_log();
  event_log log;
  worker_metrics worker{log};
  const time_point now{1000s};
  int due = 0;
  for (int i = 0; i < 100; ++i)
    due += worker.line_due(incident::server_error, now) ? 1 : 0;
  EXPECT_EQ(due, 10);
  EXPECT_TRUE(worker.line_due(incident::unauthorized, now)) << "others are not held up by it";
  EXPECT_TRUE(worker.line_due(incident::server_error, now + event_log::client_period));
  worker.access({route::turn, method_label::get, 503, 1ms}, "192.0.2.1:4711", "/turno/a");
  log::shutdown();
  EXPECT_THAT(written,
              testing::HasSubstr(R"("level":"warn","severity":"WARNING","message":"request")"));
  EXPECT_THAT(written, testing::HasSubstr(R"("status":503)"));
  EXPECT_THAT(written, testing::HasSubstr(R"("left_out":90)"));
}

TEST_F(worker_metrics_access, names_a_client_that_was_refused_and_why) {
  begin_log();
  event_log log;
  worker_metrics worker{log};
  const time_point now{1000s};
  for (int i = 0; i < 15; ++i)
    (void)worker.line_due(incident::bad_framing, now);
  ASSERT_TRUE(worker.line_due(incident::bad_framing, now + 1s));
  worker.client_refused(incident::bad_framing, "192.0.2.1:4711");
  log::shutdown();
  EXPECT_THAT(written, testing::EndsWith(R"("severity":"WARNING","message":"client refused",)"
                                         R"("reason":"bad_framing","peer":"192.0.2.1:4711",)"
                                         R"("left_out":5})"
                                         "\n"));
}

TEST_F(worker_metrics_access, finds_no_line_due_that_would_not_be_written) {
  log::set_level(log_level::error);
  EXPECT_FALSE(worker_metrics{the_log}.line_due(incident::bad_framing, time_point{1000s}));
  log::set_level(log_level::info);
}

TEST_F(worker_metrics_access, cuts_a_long_target_after_256_bytes) {
  const std::string kept(256, 'a');
  EXPECT_THAT(line_for(kept), testing::HasSubstr(kept + "\""));
  EXPECT_THAT(line_for(kept + "b"), testing::HasSubstr(kept + "\""));
}

TEST_F(worker_metrics_access, writes_nothing_when_the_level_is_above_info) {
  EXPECT_EQ(line_for("/turno/x", log_level::warn), "");
}

}  // namespace
}  // namespace turnomatic::telemetry
