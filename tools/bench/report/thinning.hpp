// Few samples instead of many.
#pragma once

#include "report/run_result.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace turnomatic::bench {

/// At most `limit` samples (1 or more) that cover what `samples` cover, each as many of them as
/// the next but for the last. Counts are added up. Of the latencies the highest stands, since
/// medians of parts do not give the median of the whole, and no peak may vanish. Leaves out what
/// has no length or lies at no time.
[[nodiscard]] std::vector<sample> thinned(std::span<const sample> samples, std::size_t limit);

}  // namespace turnomatic::bench
