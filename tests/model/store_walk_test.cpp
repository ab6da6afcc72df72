// Long histories at random: restarts, losses, joins, keys.
#include "model/history_search.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace turnomatic::redis {
namespace {

std::vector<std::pair<event, unsigned>> usual(std::vector<std::pair<event, unsigned>> further) {
  std::vector<std::pair<event, unsigned>> all{
      {event::take_a, 4}, {event::take_b, 1},     {event::execute, 12}, {event::deliver, 10},
      {event::cut, 2},    {event::reconnect, 10}, {event::ghost, 2},    {event::moment, 6}};
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

struct family {
  const char* name;
  store_world::settings world;
  std::vector<std::pair<event, unsigned>> weights;
};

void PrintTo(const family& of, std::ostream* to) {
  *to << of.name;
}

const std::vector<std::pair<event, unsigned>> losses{
    {event::save, 3}, {event::restart, 1}, {event::restore, 2}, {event::restore_first, 1}};

std::vector<family> families() {
  return {
      {"cuts", {}, usual({{event::ghost_two, 2}, {event::take_key, 2}})},
      {"three_lanes", {.instances = 1, .lanes = 3, .instances_max = 1}, usual({})},
      {"restarts", {}, usual({{event::restart, 2}})},
      {"losses", {}, usual(losses)},
      {"losses_with_halt", {.on_loss = loss_policy::halt}, usual(losses)},
      {"losses_of_two_lanes_each", {.lanes = 2}, usual(losses)},
      {"losses_and_ghosts", {.ghosts_survive = true}, usual(losses)},
      {"losses_and_joins", {.instances = 1, .instances_max = 3}, usual([] {
         auto with_joins = losses;
         with_joins.emplace_back(event::join, 2);
         return with_joins;
       }())},
      {"refreshes",
       {.refreshes = true},
       usual({{event::save, 3}, {event::restore, 2}, {event::expire, 1}})},
      {"quiet_changes_of_role",
       {.instances = 1, .instances_max = 1, .refreshes = true},
       usual({{event::save, 3}, {event::restore, 1}, {event::demote, 2}})},
      {"quiet_changes_of_role_with_two_instances",
       {.refreshes = true},
       usual({{event::save, 3}, {event::restore, 1}, {event::demote, 2}, {event::grace, 1}})},
      {"stores_put_back_in_the_same_run",
       {.refreshes = true},
       usual({{event::save, 2}, {event::exchange, 2}, {event::put_back, 2}, {event::moment, 4}})},
      {"records_that_expire",
       {},
       usual({{event::expire, 2}, {event::save, 1}, {event::restore, 1}})},
      {"losses_with_keys", {}, usual([] {
         auto with_keys = losses;
         with_keys.emplace_back(event::take_key, 4);
         return with_keys;
       }())},
      {"losses_and_late_instances", {}, usual([] {
         auto and_time = losses;
         and_time.emplace_back(event::grace, 3);
         return and_time;
       }())},
      {"copies_of_a_machine",
       {.instances = 2, .instances_max = 2, .clones = true},
       usual({{event::clone, 1}, {event::ghost_two, 1}})},
      {"spoilt_counters", {}, usual({{event::spoil, 3}, {event::mend, 3}, {event::take_b, 3}})},
      {"operators", {}, usual({{event::look, 3}, {event::set, 3}})},
      {"failovers",
       {.replicated = true},
       usual({{event::replicate, 3}, {event::fail_over, 2}, {event::grace, 2}})},
      {"failovers_of_two_lanes_each",
       {.lanes = 2, .replicated = true},
       usual({{event::replicate, 3}, {event::fail_over, 2}, {event::take_key, 2}})},
      {"failovers_and_joins",
       {.instances = 1, .instances_max = 3, .replicated = true},
       usual({{event::replicate, 3}, {event::fail_over, 2}, {event::grace, 2}, {event::join, 2}})},
      {"stores_exchanged", {}, usual({{event::exchange, 2}, {event::find_again, 2}})},
  };
}

class store_walk : public testing::TestWithParam<family> {};

TEST_P(store_walk, keeps_the_account) {
  const search_outcome found = search_at_random(
      GetParam().world, {.weights = GetParam().weights, .histories = histories_of(1'000)});
  EXPECT_EQ(found.broken, "");
}

INSTANTIATE_TEST_SUITE_P(of, store_walk, testing::ValuesIn(families()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace turnomatic::redis
