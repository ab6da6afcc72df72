// How long a store stays closed after a restart.
#include "unit/redis/two_instances.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using connection_state = fake_connection::state;

TEST(recovery, opens_without_those_who_were_not_heard_within_the_grace) {
  two_instances shop;
  const std::string token = shop.store.store_field("token");
  shop.restart_without_other(shop.store.save());
  shop.go_on(990ms);
  EXPECT_TRUE(shop.is_closed());
  shop.go_on(60ms);
  EXPECT_FALSE(shop.is_closed());
  EXPECT_TRUE(shop.first.counts());
  EXPECT_EQ(shop.guard.notes.read().unheard, " " + shop.other_guard.instance() + " ");
  EXPECT_NE(shop.store.store_field("token"), token) << "something may have been lost";
  const auto told = shop.first.events.detail(store_event::recovered) +
                    shop.second.events.detail(store_event::recovered);
  EXPECT_EQ(told, "not heard: " + shop.other_guard.instance() + " ");
}

// It used to keep the whole instance from saying anything.
TEST(recovery, counts_a_lane_as_behind_that_does_not_come_back) {
  two_instances shop;
  const auto older = shop.store.save();
  shop.take(shop.second, "a", 40);
  shop.restart(older);
  shop.come_back(shop.first);
  shop.come_back(shop.other);
  shop.go_on(1700ms);
  EXPECT_TRUE(shop.first.counts());
  EXPECT_EQ(shop.guard.notes.read().unheard, " ");
  EXPECT_EQ(shop.take(shop.first, "a").range(), (turn_range{41, 1}));
}

TEST(recovery, wakes_the_lanes_that_are_still_connected_to_the_earlier_run) {
  workshop shop;
  store_guard guard{shop.guard_settings()};
  int woken = 0;
  shard_bench::settings quiet;
  quiet.wake = [&woken] { ++woken; };
  shard_bench first{shop, guard};
  shard_bench second{shop, guard, quiet};
  first.connect();
  second.connect();
  shop.crash(shop.store.save());
  first.cut();
  first.open_connection();
  EXPECT_EQ(woken, 1);
  second.tested.pump(shop.now);
  EXPECT_EQ(second.link.now(), connection_state::closed);
}

// A round trip that takes longer than lanes wait before they ask again.
TEST(recovery, stays_closed_while_marks_arrive_slowly) {
  two_instances shop;
  shop.restart_without_other(shop.store.save());
  for (int i = 0; i < 20; ++i) {
    shop.go_on(100ms);
    shop.store.command({"HINCRBY", "t:{0}:store", "marks", "1"});
    EXPECT_TRUE(shop.is_closed());
  }
  shop.go_on(1100ms);
  EXPECT_FALSE(shop.is_closed());
}

// When marks came in last was forgotten with the connection: cuts kept the store closed.
TEST(recovery, opens_though_connections_are_cut_all_the_time) {
  two_instances shop;
  const auto older = shop.store.save();
  shop.take(shop.first, "a", 40);
  shop.restart_without_other(older);
  for (int i = 0; i < 7; ++i) {
    shop.go_on(200ms);
    for (shard_bench* const each : {&shop.first, &shop.second}) {
      each->cut();
      shop.come_back(*each);
    }
  }
  EXPECT_FALSE(shop.is_closed());
  EXPECT_EQ(shop.store.turn("a"), 40U);
}

TEST(recovery, does_not_stay_closed_for_ever_though_marks_arrive) {
  two_instances shop;
  shop.restart_without_other(shop.store.save());
  for (int i = 0; i < 601 && shop.is_closed(); ++i) {
    shop.store.command({"HINCRBY", "t:{0}:store", "marks", "1"});
    shop.go_on(100ms);
  }
  EXPECT_FALSE(shop.is_closed());
}

TEST(recovery, forgets_that_an_instance_was_not_heard_when_it_shows_up) {
  two_instances shop;
  shop.restart_without_other(shop.store.save());
  shop.go_on(1100ms);
  ASSERT_NE(shop.guard.notes.read().unheard, " ");
  shop.other.connect();
  shop.go_on(2100ms);
  EXPECT_EQ(shop.guard.notes.read().unheard, " ");
}

TEST(recovery, waits_for_the_grace_though_all_that_it_awaits_were_heard) {
  two_instances shop;
  shop.restart(shop.store.save());
  shop.all_come_back();
  shop.go_on(900ms);
  EXPECT_TRUE(shop.is_closed()) << "the list of the awaited may have lost its end";
  shop.go_on(200ms);
  EXPECT_FALSE(shop.is_closed());
}

TEST(recovery, has_an_instance_that_starts_during_it_wait_as_well) {
  two_instances shop;
  shop.restart(shop.store.save());
  shop.come_back(shop.first);
  store_guard third_guard{shop.guard_settings()};
  shard_bench third{shop, third_guard, two_instances::with(loss_policy::skip)};
  shop.come_back(third);
  EXPECT_FALSE(third.counts());
  shop.come_back(shop.second);
  shop.come_back(shop.other);
  shop.go_on(1100ms);
  EXPECT_TRUE(third.counts());
}

}  // namespace
}  // namespace turnomatic::redis
