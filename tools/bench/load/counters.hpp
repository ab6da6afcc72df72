// What one thread of the load counts; the progress line and the report read it meanwhile.
#pragma once

#include "report/histogram.hpp"
#include "report/run_result.hpp"
#include "report/single_writer.hpp"

#include <array>
#include <cstddef>

namespace turnomatic::bench {

inline constexpr std::size_t status_end = 1000;

/// Counts what happens after the warm-up. One thread writes, any may read.
struct counters {
  histogram latencies;  ///< of answers with a turn, from when they were due
  std::array<single_writer, status_end> statuses;
  std::array<single_writer, failure_kinds> failures;
  single_writer retries;
  single_writer bytes_received;
  single_writer bytes_sent;
};

}  // namespace turnomatic::bench
