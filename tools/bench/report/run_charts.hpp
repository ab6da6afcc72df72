// The charts of a run.
#pragma once

#include "report/chart.hpp"
#include "report/run_result.hpp"

#include <span>
#include <vector>

namespace turnomatic::bench {

/// Turns per second; requests per second that were refused or failed; latencies. `samples` in
/// the order of time, few enough to be drawn one by one.
[[nodiscard]] chart rate_over_time(std::span<const sample> samples);
[[nodiscard]] chart errors_over_time(std::span<const sample> samples);
[[nodiscard]] chart latency_over_time(std::span<const sample> samples);

/// The distribution, over the axis on which each nine takes the same room.
[[nodiscard]] chart latency_by_percentile(const histogram& latencies);

}  // namespace turnomatic::bench
