// Looks for a history that breaks a rule.
#pragma once

#include "model/store_world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::redis {

/// What a search has come to.
struct search_outcome {
  std::uint64_t histories{0};
  std::string broken{};  ///< the rule and the history; empty: none was found
};

/// Every history of at most `length` events, each brought to rest with its ghosts executed before
/// and after.
[[nodiscard]] search_outcome search_all(const store_world::settings& world, std::size_t length);

/// `histories` random ones of at most `length` events; those with a larger weight happen more
/// often.
struct walk {
  std::vector<std::pair<event, unsigned>> weights;
  std::vector<step> beginning{};  ///< of each history, as far as it can happen
  std::size_t length{40};
  std::uint64_t histories{1000};
  std::uint64_t seed{1};
};
[[nodiscard]] search_outcome search_at_random(const store_world::settings& world, const walk& how);

}  // namespace turnomatic::redis
