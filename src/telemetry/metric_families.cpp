#include "telemetry/metric_families.hpp"

#include <chrono>
#include <limits>

namespace turnomatic::telemetry {

std::string escape_help(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (c == '\\') {
      escaped += R"(\\)";
    } else if (c == '\n') {
      escaped += R"(\n)";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

family_writer::family_writer(family_list& out, std::string_view name, std::string_view help,
                             prometheus::MetricType type)
    : families_{out}, index_{out.size()} {
  prometheus::MetricFamily& family = families_.emplace_back();
  family.name = name;
  family.help = escape_help(help);
  family.type = type;
}

family_writer family_writer::counter(family_list& out, std::string_view name,
                                     std::string_view help) {
  return {out, name, help, prometheus::MetricType::Counter};
}

family_writer family_writer::gauge(family_list& out, std::string_view name, std::string_view help) {
  return {out, name, help, prometheus::MetricType::Gauge};
}

family_writer family_writer::histogram(family_list& out, std::string_view name,
                                       std::string_view help) {
  return {out, name, help, prometheus::MetricType::Histogram};
}

prometheus::ClientMetric& family_writer::append(label_list labels) {
  prometheus::ClientMetric& metric = families_[index_].metric.emplace_back();
  for (const auto& [name, value] : labels) {
    metric.label.push_back({std::string{name}, std::string{value}});
  }
  return metric;
}

void family_writer::add(double value, label_list labels) {
  prometheus::ClientMetric& metric = append(labels);
  if (families_[index_].type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void family_writer::add(std::uint64_t value, label_list labels) {
  add(static_cast<double>(value), labels);
}

void family_writer::add(const metric_totals::latency_histogram& values, label_list labels) {
  using seconds = std::chrono::duration<double>;
  auto& histogram = append(labels).histogram;
  // The count is the sum of the buckets, not a number of its own: the two always agree.
  for (std::size_t i = 0; i < latency_bucket_count; ++i) {
    histogram.sample_count += values.buckets[i];
    const double upper_bound = i < latency_bounds.size() ? seconds{latency_bounds[i]}.count()
                                                         : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, upper_bound});
  }
  histogram.sample_sum = static_cast<double>(values.sum_ns) / 1e9;
}

}  // namespace turnomatic::telemetry
