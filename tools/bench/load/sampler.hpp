// The run in intervals.
#pragma once

#include "load/counters.hpp"
#include "proof/observation.hpp"
#include "report/run_result.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace turnomatic::bench {

/// The sum of the threads' counters at a moment.
struct totals {
  std::unique_ptr<histogram> latencies;
  std::uint64_t turns{0};
  std::uint64_t refused{0};  ///< answers without a turn
  std::uint64_t failed{0};
};

[[nodiscard]] totals sum_of(const std::vector<const counters*>& threads);

/// Cuts the run into samples, each the difference between two looks at the counters. One thread.
class sampler {
 public:
  sampler(std::vector<const counters*> threads, moment start);

  /// Ends the current interval at `now`.
  void cut(moment now);

  [[nodiscard]] const std::vector<sample>& samples() const noexcept { return samples_; }
  [[nodiscard]] const totals& latest() const noexcept { return before_; }

 private:
  const std::vector<const counters*> threads_;
  const moment start_;
  moment since_;
  totals before_;
  std::vector<sample> samples_;
};

}  // namespace turnomatic::bench
