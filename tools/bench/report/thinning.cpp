#include "report/thinning.hpp"

#include <algorithm>
#include <cmath>

namespace turnomatic::bench {
namespace {

bool has_place(const sample& what) {
  return std::isfinite(what.at.count()) && std::isfinite(what.length.count()) &&
         what.length.count() > 0;
}

void merge(sample& into, const sample& next) {
  into.at = next.at;
  into.length += next.length;
  into.turns += next.turns;
  into.refused += next.refused;
  into.failed += next.failed;
  into.p50 = std::max(into.p50, next.p50);
  into.p99 = std::max(into.p99, next.p99);
  into.max = std::max(into.max, next.max);
}

}  // namespace

std::vector<sample> thinned(std::span<const sample> samples, std::size_t limit) {
  const auto usable =
      static_cast<std::size_t>(std::count_if(samples.begin(), samples.end(), has_place));
  std::vector<sample> result;
  if (usable == 0 || limit == 0)
    return result;
  const std::size_t per_point = (usable + limit - 1) / limit;
  std::size_t taken = 0;
  for (const sample& each : samples) {
    if (!has_place(each))
      continue;
    if (taken++ % per_point == 0)
      result.push_back(each);
    else
      merge(result.back(), each);
  }
  return result;
}

}  // namespace turnomatic::bench
