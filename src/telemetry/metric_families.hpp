// The names, labels and help texts of everything that /metrics shows. Private to this layer.
#pragma once

#include "telemetry/metric_layout.hpp"
#include "telemetry/metrics_registry.hpp"
#include "telemetry/process_sample.hpp"

#include <prometheus/metric_family.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::telemetry {

using family_list = std::vector<prometheus::MetricFamily>;
using label_list = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// A HELP text as the exposition format wants it: backslash and line feed escaped. The
/// serializer does that for label values only.
[[nodiscard]] std::string escape_help(std::string_view text);

/// Appends one family to a list that outlives the writer, then its series. The name and help text
/// come from this layer; label values may be anything. Counts above 2^53 lose their last digits, as
/// in Prometheus itself.
class family_writer {
 public:
  [[nodiscard]] static family_writer counter(family_list& out, std::string_view name,
                                             std::string_view help);
  [[nodiscard]] static family_writer gauge(family_list& out, std::string_view name,
                                           std::string_view help);
  [[nodiscard]] static family_writer histogram(family_list& out, std::string_view name,
                                               std::string_view help);

  void add(double value, label_list labels = {});
  void add(std::uint64_t value, label_list labels = {});
  void add(const metric_totals::latency_histogram& values, label_list labels);

 private:
  family_writer(family_list& out, std::string_view name, std::string_view help,
                prometheus::MetricType type);
  prometheus::ClientMetric& append(label_list labels);

  family_list& families_;
  std::size_t index_;  // the list may move its elements
};

// service_families.cpp
void append_build_family(const build_information& build, family_list& out);
void append_turn_families(const metric_totals& totals, const instance_state& state,
                          std::string_view backend, family_list& out);
void append_instance_families(const instance_state& state, family_list& out);
void append_reload_families(const instance_state& state, family_list& out);
void append_clock_family(std::chrono::system_clock::time_point now, family_list& out);
void append_log_families(std::uint64_t dropped, family_list& out);
void append_process_families(const process_sample& sample, family_list& out);

// store_families.cpp
void append_store_families(const metric_totals& totals, const store_state& state, family_list& out);

// http_families.cpp
void append_request_families(const metric_totals& totals, family_list& out);
/// What one thread has of the load.
struct worker_share {
  std::string_view name;
  std::uint64_t connections;
  std::uint64_t turns;
};
void append_worker_families(const std::vector<worker_share>& shares, family_list& out);
void append_connection_families(const metric_totals& totals, const instance_state& state,
                                family_list& out);

}  // namespace turnomatic::telemetry
