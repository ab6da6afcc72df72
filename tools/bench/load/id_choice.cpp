#include "load/id_choice.hpp"

#include <cmath>

namespace turnomatic::bench {
namespace {

std::vector<double> zipf_weights(std::uint32_t count, double exponent) {
  std::vector<double> weights(count);
  for (std::uint32_t rank = 0; rank < count; ++rank)
    weights[rank] = std::pow(rank + 1.0, -exponent);
  return weights;
}

}  // namespace

id_choice::id_choice(const plan& how, std::uint32_t thread)
    : random_{how.seed + thread},
      step_{how.spread == target_spread::pinned ? static_cast<std::uint32_t>(how.targets.size())
                                                : 1},
      uniform_{how.popularity == id_spread::uniform} {
  const auto ids = static_cast<std::uint32_t>(how.ids.size());
  for (std::uint32_t first = 0; first < step_; ++first) {
    pool& added = pools_.emplace_back();
    added.first = first;
    added.count = (ids - first + step_ - 1) / step_;
    if (!uniform_)
      added.zipf.param(boost::random::discrete_distribution<std::uint32_t>::param_type{
          zipf_weights(added.count, how.zipf_exponent)});
  }
}

std::uint32_t id_choice::next(std::uint32_t target) {
  const pool& from = pools_[pools_.size() == 1 ? 0 : target];
  if (from.count == 1)
    return from.first;
  // The high half of a product spreads as evenly as a modulus, without the division.
  const std::uint32_t rank =
      uniform_ ? static_cast<std::uint32_t>(((random_() >> 32) * from.count) >> 32)
               : from.zipf(random_);
  return from.first + rank * step_;
}

}  // namespace turnomatic::bench
