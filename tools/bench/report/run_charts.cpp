#include "report/run_charts.hpp"

#include "report/format.hpp"
#include "report/joined.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace turnomatic::bench {
namespace {

constexpr std::size_t nines_max = 5;
constexpr int points_per_nine = 25;

using value_of = std::function<std::optional<double>(const sample&)>;

std::string duration_label(double nanoseconds) {
  return duration_text(std::chrono::nanoseconds{std::llround(nanoseconds)});
}

// A sample is an interval, not an instant: the line is level from its begin to its end.
series steps(std::string name, std::span<const sample> samples, const value_of& value) {
  series line{std::move(name), {}};
  for (const sample& each : samples) {
    const std::optional<double> y = value(each);
    line.points.push_back({(each.at - each.length).count(), y});
    line.points.push_back({each.at.count(), y});
  }
  return line;
}

struct range {
  double low{std::numeric_limits<double>::max()};
  double high{std::numeric_limits<double>::lowest()};

  [[nodiscard]] bool empty() const { return low > high; }
};

range range_of(const std::vector<series>& lines) {
  range found;
  for (const series& line : lines) {
    for (const point& each : line.points) {
      if (each.y) {
        found.low = std::min(found.low, *each.y);
        found.high = std::max(found.high, *each.y);
      }
    }
  }
  return found;
}

axis time_axis(std::span<const sample> samples) {
  if (samples.empty())
    return linear_axis(0, 1, rounded);
  const sample& first = samples.front();
  return linear_axis((first.at - first.length).count(), samples.back().at.count(), rounded);
}

axis latency_axis(const std::vector<series>& lines) {
  const range found = range_of(lines);
  constexpr double microsecond = 1e3;
  if (found.empty())
    return logarithmic_axis(microsecond, 1000 * microsecond, duration_label);
  return logarithmic_axis(found.low, found.high, duration_label);
}

// No answer: no latency. Zero has no place on a logarithmic axis either.
value_of latency(std::chrono::nanoseconds sample::*which) {
  return [which](const sample& each) -> std::optional<double> {
    if (each.turns == 0 || (each.*which).count() <= 0)
      return std::nullopt;
    return static_cast<double>((each.*which).count());
  };
}

value_of per_second(std::uint64_t sample::*which) {
  return [which](const sample& each) -> std::optional<double> {
    return static_cast<double>(each.*which) / each.length.count();
  };
}

chart over_time(std::string key, std::string title, std::span<const sample> samples) {
  return {.key = std::move(key),
          .title = std::move(title),
          .summary = {},
          .x_name = "seconds",
          .y_name = {},
          .x = time_axis(samples),
          .y = {},
          .lines = {}};
}

// "p50 from 1 ms to 2 ms, p99 ..." for those who cannot see the lines.
std::string ranges_in_words(const std::vector<series>& lines, const tick_label& label) {
  std::string text;
  for (const series& line : lines) {
    const range found = range_of({line});
    const std::string extent =
        found.empty() ? ": no data"
                      : joined({" from ", label(found.low), " to ", label(found.high)});
    text += joined({text.empty() ? "" : "; ", line.name, extent});
  }
  return text + '.';
}

}  // namespace

chart rate_over_time(std::span<const sample> samples) {
  chart result = over_time("rate", "Turns per second over time", samples);
  result.y_name = "turns/s";
  result.filled = true;
  result.lines = {steps("turns per second", samples, per_second(&sample::turns))};
  result.y = axis_from_zero(range_of(result.lines).high, abbreviated);
  result.summary = ranges_in_words(result.lines, rounded);
  return result;
}

chart errors_over_time(std::span<const sample> samples) {
  chart result = over_time("errors", "Errors per second over time", samples);
  result.y_name = "requests/s";
  result.lines = {steps("refused: answered without a turn", samples, per_second(&sample::refused)),
                  steps("failed: not answered", samples, per_second(&sample::failed))};
  result.y = axis_from_zero(range_of(result.lines).high, abbreviated);
  result.summary = ranges_in_words(result.lines, rounded);
  return result;
}

chart latency_over_time(std::span<const sample> samples) {
  chart result = over_time("latency", "Latency over time", samples);
  result.y_name = "latency";
  result.lines = {steps("p50", samples, latency(&sample::p50)),
                  steps("p99", samples, latency(&sample::p99)),
                  steps("max", samples, latency(&sample::max))};
  result.y = latency_axis(result.lines);
  result.summary = ranges_in_words(result.lines, duration_label);
  return result;
}

chart latency_by_percentile(const histogram& latencies) {
  const auto count = static_cast<double>(latencies.count());
  // Beyond as many nines as there are digits in the count there is only the maximum.
  const double digits = count > 1 ? std::ceil(std::log10(count)) : 1;
  const auto nines = std::clamp<std::size_t>(static_cast<std::size_t>(digits), 2, nines_max);
  series line{"latency", {}};
  for (int i = 0; count > 0 && i <= static_cast<int>(nines) * points_per_nine; ++i) {
    const double fraction = 1 - std::pow(10, -static_cast<double>(i) / points_per_nine);
    const auto value = static_cast<double>(latencies.quantile(fraction).count());
    line.points.push_back({percentile_place(fraction), std::max(value, 1.0)});
  }
  std::vector<series> lines{std::move(line)};
  return {.key = "percentiles",
          .title = "Latency by percentile",
          .summary = ranges_in_words(lines, duration_label),
          .x_name = "percent of answers, as fast or faster",
          .y_name = "latency",
          .x = percentile_axis(nines),
          .y = latency_axis(lines),
          .lines = std::move(lines)};
}

}  // namespace turnomatic::bench
