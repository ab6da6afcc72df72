// What a store has lost without a restart that everybody sees, and instances that come back late.
#include "unit/redis/two_instances.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// `other` was handed ten turns of a, of which a copy of the store knows nothing.
struct store_behind_one_instance : two_instances {
  explicit store_behind_one_instance(loss_policy policy = loss_policy::skip)
      : two_instances{policy} {
    take(first, "a");
    older = store.save();
    EXPECT_EQ(take(other, "a", 10).range(), (turn_range{2, 10}));
  }
  /// Time passes; who has no connection gets one.
  void live_on(duration time) {
    for (const time_point end = now + time; now < end;) {
      for (shard_bench* const each : benches)
        each->open_connection();
      go_on(10ms);
    }
  }

  memory_redis::snapshot older;
};

TEST(quiet_loss, has_everybody_heard_before_anybody_counts_on) {
  store_behind_one_instance shop;
  shop.store.be_replica_and_primary_again(shop.older);
  shop.live_on(4s);
  EXPECT_FALSE(shop.is_closed());
  EXPECT_THAT(shop.other.events.detail(store_event::lost), HasSubstr("expected sequence 1"));
  EXPECT_EQ(shop.store.turn("a"), 11U);
  EXPECT_EQ(shop.take(shop.first, "a").range(), (turn_range{12, 1}));
}

TEST(quiet_loss, halts_the_counters_where_that_is_the_policy) {
  store_behind_one_instance shop{loss_policy::halt};
  shop.store.be_replica_and_primary_again(shop.older);
  shop.live_on(4s);
  EXPECT_EQ(shop.take(shop.first, "a").error(), errc::store_behind);
  EXPECT_EQ(shop.take(shop.first, "b").range(), (turn_range{1, 1}));
}

// Two lanes that do not agree on the run of the server would close the store again and again.
TEST(quiet_loss, ends_though_the_lanes_were_told_of_different_runs) {
  store_behind_one_instance shop;
  shop.store.be_replica_and_primary_again(shop.older);
  shop.first.cut();
  shop.live_on(4s);
  EXPECT_FALSE(shop.is_closed());
  for (const shard_bench* const each : shop.benches)
    EXPECT_TRUE(each->counts());
  const std::string closings = shop.store.store_field("closings");
  shop.live_on(4s);
  EXPECT_EQ(shop.store.store_field("closings"), closings);
}

// It was halted for a while, or cut off, and the store was opened without it.
TEST(late_instance, is_heard_when_it_comes_back) {
  store_behind_one_instance shop;
  shop.restart_without_other(shop.older);
  shop.go_on(1100ms);
  ASSERT_FALSE(shop.is_closed());
  ASSERT_THAT(shop.guard.notes.read().unheard, HasSubstr(shop.other_guard.instance()));
  EXPECT_EQ(shop.take(shop.first, "a").range(), (turn_range{2, 1})) << "given twice, as documented";
  shop.come_back(shop.other);
  EXPECT_TRUE(shop.is_closed());
  shop.live_on(3s);
  EXPECT_EQ(shop.take(shop.first, "a").range(), (turn_range{12, 1}));
  EXPECT_EQ(shop.guard.notes.read().unheard, " ");
}

// Its records are where it left them: nothing of it was lost.
TEST(late_instance, that_has_lost_nothing_disturbs_nobody) {
  two_instances shop;
  shop.restart_without_other(shop.store.save());
  shop.go_on(1100ms);
  shop.come_back(shop.other);
  EXPECT_FALSE(shop.is_closed());
  EXPECT_TRUE(shop.other.counts());
}

}  // namespace
}  // namespace turnomatic::redis
