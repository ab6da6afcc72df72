// Long random histories of lanes, with more trouble than the short ones can hold.
#include "model/lane_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

/// Goes from one event that can happen to another; the seed is all that decides.
class walk {
 public:
  walk(const lane_world::settings& how, std::minstd_rand::result_type seed)
      : lanes_{how.lanes}, world_{how}, random_{seed} {}

  /// Histories of `length` events each, ten times as many for each step of `look_further`. False if
  /// a rule is broken; that has been reported then.
  bool goes(int histories, int length) {
    for (unsigned further = look_further(); further > 0; --further)
      histories *= 10;
    for (int i = 0; i < histories; ++i) {
      world_.begin_anew();
      steps_.clear();
      for (int events = 0; events < length; ++events)
        goes_on();
      const std::string broken = comes_to_rest();
      if (broken.empty())
        continue;
      ADD_FAILURE() << broken << "\nin history " << i << ": " << text_of(steps_);
      return false;
    }
    return true;
  }

 private:
  std::size_t draw(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_);
  }

  // Most often something is asked, executed or answered, or nothing would come about.
  void goes_on() {
    constexpr std::array often{event::ask_a, event::ask_b, event::execute, event::deliver};
    const auto lane = static_cast<std::uint8_t>(draw(lanes_));
    step next{static_cast<event>(draw(event_names.size())), lane};
    if (draw(3) > 0 || !world_.can_happen(next))
      next.what = often[draw(often.size())];
    if (!world_.can_happen(next))
      return;
    steps_.push_back(next);
    world_.happens(next);
  }

  std::string comes_to_rest() {
    ghost_list ghosts = world_.take_ghosts();
    std::shuffle(ghosts.begin(), ghosts.end(), random_);
    const std::size_t before = world_.is_emptied() ? ghosts.size() : draw(ghosts.size() + 1);
    for (std::size_t i = 0; i < before; ++i)
      world_.executes(ghosts[i]);
    world_.settles(draw(2) == 0);
    for (std::size_t i = before; i < ghosts.size(); ++i)
      world_.executes(ghosts[i]);
    return world_.broken_rule();
  }

  const std::size_t lanes_;
  lane_world world_;
  std::minstd_rand random_;
  std::vector<step> steps_;
};

TEST(lane_walk, keeps_the_account_of_one_lane) {
  EXPECT_TRUE((walk{{.lanes = 1}, 1}.goes(4'000, 40)));
}

TEST(lane_walk, keeps_the_account_of_three_lanes) {
  EXPECT_TRUE((walk{{.lanes = 3}, 1}.goes(4'000, 40)));
}

TEST(lane_walk, keeps_the_account_while_the_store_refuses) {
  EXPECT_TRUE((walk{{.lanes = 2, .trouble = true}, 1}.goes(4'000, 40)));
}

TEST(lane_walk, keeps_the_account_while_memos_are_dropped) {
  EXPECT_TRUE((walk{{.lanes = 3, .memos = 2, .trouble = true}, 1}.goes(4'000, 40)));
}

TEST(lane_walk, keeps_the_account_of_instances_that_know_nothing_of_each_other) {
  EXPECT_TRUE((walk{{.lanes = 3, .apart = true, .trouble = true}, 1}.goes(4'000, 40)));
  EXPECT_TRUE((walk{{.lanes = 3, .apart = true, .memos = 2, .trouble = true}, 1}.goes(4'000, 40)));
}

TEST(lane_walk, keeps_the_account_in_all_trouble_at_once) {
  EXPECT_TRUE((walk{{.lanes = 3, .memos = 2, .trouble = true, .losses = true}, 1}.goes(4'000, 40)));
}

TEST(lane_walk, keeps_the_account_when_the_store_loses_numbers) {
  EXPECT_TRUE((walk{{.lanes = 2, .losses = true}, 1}.goes(4'000, 40)));
}

// They may give numbers twice then, but leave none out where they do not.
TEST(lane_walk, keeps_the_account_when_a_store_of_several_instances_loses_numbers) {
  EXPECT_TRUE((walk{{.lanes = 3, .apart = true, .losses = true}, 1}.goes(4'000, 40)));
}

TEST(lane_walk, keeps_the_account_when_losses_halt_their_counters) {
  EXPECT_TRUE(
      (walk{{.lanes = 2, .losses = true, .on_loss = loss_policy::halt}, 1}.goes(4'000, 40)));
}

}  // namespace
}  // namespace turnomatic::redis
