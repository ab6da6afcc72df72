// Every short history of lanes, their store and the connections between them.
#include "model/lane_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

class explorer {
 public:
  explorer(const lane_world::settings& how, std::size_t length_max)
      : lanes_{static_cast<std::uint8_t>(how.lanes)}, length_max_{length_max}, world_{how} {}

  /// False if a rule is broken; then the failure has been reported.
  bool explore();
  [[nodiscard]] std::uint64_t histories() const noexcept { return histories_; }

 private:
  /// How a history ends.
  struct ending {
    bool late;                       ///< only after all deadlines
    std::vector<std::size_t> order;  ///< of the ghosts, and of the lanes' coming to rest, the last
  };

  void replay();
  [[nodiscard]] std::vector<step> what_can_happen() const;
  [[nodiscard]] bool ends_well(const ending& how);
  [[nodiscard]] bool is_well(const ending& how);

  const std::uint8_t lanes_;
  const std::size_t length_max_;
  lane_world world_;
  std::vector<step> steps_;
  std::uint64_t histories_{0};
};

void explorer::replay() {
  world_.begin_anew();
  for (const step& each : steps_)
    world_.happens(each);
}

// Where all is symmetrical, the first lane and the first id are used first.
std::vector<step> explorer::what_can_happen() const {
  std::vector<step> found;
  const auto used = [this](auto test) { return std::any_of(steps_.begin(), steps_.end(), test); };
  for (std::uint8_t lane = 0; lane < lanes_; ++lane) {
    if (lane > 0 && !used([lane](const step& each) { return each.lane + 1 == lane; }))
      break;
    for (std::size_t i = 0; i < event_names.size(); ++i) {
      const step next{static_cast<event>(i), lane};
      if (next.what == event::time && lane > 0)
        continue;  // it is the same for all
      if (next.what == event::ask_b &&
          !used([](const step& each) { return each.what == event::ask_a; }))
        continue;
      if (world_.can_happen(next))
        found.push_back(next);
    }
  }
  return found;
}

bool explorer::is_well(const ending& how) {
  const std::string broken = world_.broken_rule();
  if (broken.empty())
    return true;
  std::string order;
  for (const std::size_t each : how.order)
    order += each + 1 == how.order.size() ? " rest" : " ghost " + std::to_string(each);
  ADD_FAILURE() << broken << "\nafter: " << text_of(steps_)
                << "\nthen: " << (how.late ? "deadlines, " : "") << order;
  return false;
}

bool explorer::ends_well(const ending& how) {
  ++histories_;
  ghost_list ghosts = world_.take_ghosts();
  bool at_rest = false;
  for (const std::size_t next : how.order) {
    if (next < ghosts.size()) {
      world_.executes(ghosts[next]);
    } else {
      world_.settles(how.late);
      at_rest = true;
    }
    if (at_rest && !is_well(how))
      return false;
  }
  return true;
}

bool explorer::explore() {
  replay();
  const std::vector<step> next = what_can_happen();
  const bool busy = world_.is_busy();
  std::vector<std::size_t> order(world_.ghosts() + 1);
  std::iota(order.begin(), order.end(), std::size_t{0});
  bool replayed = true;
  do {
    for (const bool late : {false, true}) {
      if (late && !busy)
        continue;
      if (!replayed)
        replay();
      replayed = false;
      if (!ends_well({late, order}))
        return false;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  if (steps_.size() == length_max_)
    return true;
  for (const step& each : next) {
    steps_.push_back(each);
    if (!explore())
      return false;
    steps_.pop_back();
  }
  return true;
}

TEST(lane_interleaving, keeps_the_account_of_one_lane) {
  explorer all{{.lanes = 1}, 6 + look_further()};
  EXPECT_TRUE(all.explore());
  EXPECT_GT(all.histories(), 5'000U);
}

TEST(lane_interleaving, keeps_the_account_of_two_lanes) {
  explorer all{{.lanes = 2}, 5 + look_further()};
  EXPECT_TRUE(all.explore());
  EXPECT_GT(all.histories(), 5'000U);
}

TEST(lane_interleaving, keeps_the_account_of_two_instances) {
  explorer all{{.lanes = 2, .apart = true, .memos = 1}, 5 + look_further()};
  EXPECT_TRUE(all.explore());
  EXPECT_GT(all.histories(), 5'000U);
}

TEST(lane_interleaving, keeps_the_account_of_two_lanes_whose_memos_are_dropped) {
  explorer all{{.lanes = 2, .memos = 1}, 5 + look_further()};
  EXPECT_TRUE(all.explore());
  EXPECT_GT(all.histories(), 5'000U);
}

}  // namespace
}  // namespace turnomatic::redis
