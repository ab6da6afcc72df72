// Draws the ids to ask for.
#pragma once

#include "load/plan.hpp"

#include <boost/random/discrete_distribution.hpp>

#include <cstdint>
#include <random>
#include <vector>

namespace turnomatic::bench {

/// Draws among the ids that one target serves under a plan. One thread each: the sequence
/// follows from the plan's seed and the thread's number.
class id_choice {
 public:
  /// `how` must outlive this.
  id_choice(const plan& how, std::uint32_t thread);

  /// The index of the next id to ask `target` for.
  [[nodiscard]] std::uint32_t next(std::uint32_t target);

 private:
  struct pool {
    std::uint32_t first;  // its ids are first, first + step, ...
    std::uint32_t count;
    boost::random::discrete_distribution<std::uint32_t> zipf;
  };

  std::mt19937_64 random_;
  std::uint32_t step_;
  bool uniform_;
  std::vector<pool> pools_;  // one for all targets, or one each
};

}  // namespace turnomatic::bench
