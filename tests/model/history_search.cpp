#include "model/history_search.hpp"

#include <algorithm>
#include <random>

namespace turnomatic::redis {
namespace {

// Empty if nothing is broken.
std::string rest_and_judge(store_world& world, bool ghosts_first) {
  if (!world.comes_to_rest(ghosts_first))
    return "somebody waits for ever";
  std::string broken = world.broken_rule();
  return broken.empty() ? world.broken_later() : broken;
}

std::string words(const std::string& broken, const std::vector<step>& steps, bool ghosts_first) {
  return broken + "\nafter: " + text_of(steps) +
         (ghosts_first ? "; ghosts, rest" : "; rest, ghosts");
}

class explorer {
 public:
  explorer(const store_world::settings& world, std::size_t length)
      : settings_{world}, length_{length} {}

  search_outcome run() {
    explore();
    return std::move(found_);
  }

 private:
  bool explore();
  [[nodiscard]] bool was_used(std::uint8_t lane) const;
  [[nodiscard]] std::vector<step> continuations(const store_world& world) const;

  const store_world::settings& settings_;
  const std::size_t length_;
  std::vector<step> steps_;
  search_outcome found_;
};

bool explorer::was_used(std::uint8_t lane) const {
  return std::ranges::any_of(steps_, [lane](const step& each) { return each.lane == lane; });
}

// Where all is symmetrical, the first lane is used first.
std::vector<step> explorer::continuations(const store_world& world) const {
  std::vector<step> made;
  for (std::uint8_t lane = 0; lane < world.lanes(); ++lane) {
    if (lane > 0 && !was_used(static_cast<std::uint8_t>(lane - 1)))
      break;
    for (const event each : settings_.events) {
      if (world.can_happen({each, lane}))
        made.push_back({each, lane});
    }
  }
  return made;
}

bool explorer::explore() {
  std::vector<step> next;
  for (const bool ghosts_first : {false, true}) {
    store_world world{settings_};
    for (const step& each : steps_)
      world.happens(each);
    if (!ghosts_first)
      next = continuations(world);
    ++found_.histories;
    if (const std::string broken = rest_and_judge(world, ghosts_first); !broken.empty()) {
      found_.broken = words(broken, steps_, ghosts_first);
      return false;
    }
  }
  if (steps_.size() == length_)
    return true;
  for (const step& each : next) {
    steps_.push_back(each);
    if (!explore())
      return false;
    steps_.pop_back();
  }
  return true;
}

std::optional<step> draw_step(const store_world& world, const walk& how, std::mt19937_64& random) {
  std::vector<step> possible;
  std::vector<unsigned> weights;
  for (std::uint8_t lane = 0; lane < world.lanes(); ++lane) {
    for (const auto& [each, weight] : how.weights) {
      if (!world.can_happen({each, lane}))
        continue;
      possible.push_back({each, lane});
      weights.push_back(weight);
    }
  }
  if (possible.empty())
    return std::nullopt;
  return possible[std::discrete_distribution<std::size_t>{weights.begin(), weights.end()}(random)];
}

}  // namespace

search_outcome search_all(const store_world::settings& world, std::size_t length) {
  return explorer{world, length}.run();
}

search_outcome search_at_random(const store_world::settings& world, const walk& how) {
  search_outcome found;
  for (std::uint64_t i = 0; i < how.histories; ++i) {
    std::mt19937_64 random{how.seed + i};
    store_world in{world};
    std::vector<step> steps;
    for (const step& each : how.beginning) {
      if (!in.can_happen(each))
        continue;
      in.happens(each);
      steps.push_back(each);
    }
    const std::size_t length = steps.size() + random() % how.length;
    while (steps.size() < length) {
      const auto next = draw_step(in, how, random);
      if (!next)
        break;
      steps.push_back(*next);
      in.happens(*next);
    }
    const bool ghosts_first = random() % 2 == 0;
    ++found.histories;
    if (const std::string broken = rest_and_judge(in, ghosts_first); !broken.empty()) {
      found.broken = words(broken, steps, ghosts_first) + "\nseed " + std::to_string(how.seed + i);
      return found;
    }
  }
  return found;
}

}  // namespace turnomatic::redis
