// Every short history of lanes, their store and the connections between them.
#include "model/history_search.hpp"

#include <gtest/gtest.h>

namespace turnomatic::redis {
namespace {

const std::vector<event> connections_break{event::take_a,    event::take_b,   event::execute,
                                           event::deliver,   event::cut,      event::ghost,
                                           event::ghost_two, event::reconnect};

void expect_sound(const store_world::settings& world, std::size_t length) {
  const search_outcome found = search_all(world, length + static_cast<std::size_t>(look_further()));
  EXPECT_EQ(found.broken, "");
  testing::Test::RecordProperty("histories", std::to_string(found.histories));
  EXPECT_GT(found.histories, 500U);
}

TEST(store_interleaving, keeps_the_account_of_one_lane) {
  expect_sound({.instances = 1, .instances_max = 1, .events = connections_break}, 6);
}

TEST(store_interleaving, keeps_the_account_of_two_lanes) {
  expect_sound({.instances = 1, .lanes = 2, .instances_max = 1, .events = connections_break}, 5);
}

TEST(store_interleaving, keeps_the_account_of_two_instances) {
  expect_sound({.events = connections_break}, 5);
}

TEST(store_interleaving, loses_nothing_in_a_failover) {
  expect_sound({.instances = 1,
                .instances_max = 1,
                .events = {event::take_a, event::execute, event::deliver, event::cut,
                           event::reconnect, event::replicate, event::fail_over},
                .replicated = true},
               5);
}

}  // namespace
}  // namespace turnomatic::redis
