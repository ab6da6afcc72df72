// What becomes of takes that were under way when the store lost some of what it held.
#include "unit/redis/lane_bench.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

void comes_back(lane_bench& lane) {
  lane.connect();
  lane.exchange();
}

/// Two lanes: `unlucky` loses replies.
struct losing_store : workshop {
  explicit losing_store(store_guard* guard_of_other = nullptr)
      : other{*this, with(guard_of_other)} {
    unlucky.connect();
    other.connect();
  }
  static lane_bench::settings with(store_guard* guard) {
    return {.tuning = {.on_loss = loss_policy::skip}, .guard = guard};
  }
  void restarts_with(const model_store::snapshot& older) {
    crash(older);
    unlucky.cut();
    other.cut();
  }
  void comes_back_with(const model_store::snapshot& older) {
    restarts_with(older);
    comes_back(other);
    comes_back(unlucky);
  }

  lane_bench unlucky{*this, with(nullptr)};
  lane_bench other;
};

TEST(lane_loss, leaves_nothing_open_if_the_store_still_has_the_memo) {
  losing_store shop;
  const request& patient = shop.unlucky.ask("a", 1, 60s);
  shop.unlucky.execute();
  const auto saved = shop.store.save();
  shop.comes_back_with(saved);
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.unlucky.events.all_burned(), 0U);
}

TEST(lane_loss, takes_again_what_was_lost_if_nothing_was_issued_above_it) {
  losing_store shop;
  const auto saved = shop.store.save();
  const request& patient = shop.unlucky.ask("a", 1, 60s);
  shop.unlucky.execute();
  shop.comes_back_with(saved);
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.unlucky.events.all_burned(), 0U);
}

TEST(lane_loss, counts_a_take_that_was_lost_below_what_was_issued) {
  losing_store shop;
  const auto saved = shop.store.save();
  const request& patient = shop.unlucky.ask("a", 1, 60s);
  shop.unlucky.execute();
  const request& later = shop.other.ask("a");
  shop.other.exchange();
  EXPECT_EQ(later.range(), (turn_range{2, 1}));
  shop.comes_back_with(saved);
  EXPECT_EQ(patient.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.unlucky.burned(burn_reason::outcome_unknown), 1U);
}

// It is asked about before the other has raised the counter: then nothing in the store tells.
TEST(lane_loss, counts_a_take_that_was_lost_below_what_another_instance_has_issued) {
  store_guard guard{"", 64, 1};
  losing_store shop{&guard};
  const auto saved = shop.store.save();
  const request& late = shop.unlucky.ask("a", 1, 100ms);
  shop.unlucky.execute();
  const request& later = shop.other.ask("a");
  shop.other.exchange();
  EXPECT_EQ(later.range(), (turn_range{2, 1}));
  shop.restarts_with(saved);
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  comes_back(shop.unlucky);
  EXPECT_EQ(shop.unlucky.burned(burn_reason::outcome_unknown), 1U);
  comes_back(shop.other);
  EXPECT_EQ(shop.store.value("a"), 2U) << "it would not have been issued again";
}

// An old snapshot was restored by mistake, and then the newer one.
TEST(lane_loss, does_not_believe_a_memo_of_a_store_that_was_another_meanwhile) {
  losing_store shop;
  const auto old = shop.store.save();
  const request& patient = shop.unlucky.ask("a", 1, 60s);
  shop.unlucky.execute();
  const auto newer = shop.store.save();
  shop.restarts_with(old);
  comes_back(shop.other);
  const request& quick = shop.other.ask("a");
  shop.other.exchange();
  EXPECT_EQ(quick.range(), (turn_range{1, 1}));
  shop.comes_back_with(newer);
  EXPECT_EQ(patient.error(), errc::outcome_unknown) << "its memo says 1";
}

/// The lane connects and begins to raise.
void begins_to_raise(lane_bench& lane) {
  lane.open_connection();
  while (lane.events.times(store_event::raising) == 0 && (lane.execute() || lane.deliver())) {
  }
}

TEST(lane_loss, takes_one_restart_for_one_however_often_raising_begins) {
  losing_store shop;
  shop.other.ask("b");
  shop.other.exchange();
  const request& patient = shop.unlucky.ask("a", 1, 60s);
  shop.unlucky.execute();
  shop.restarts_with(shop.store.save());
  begins_to_raise(shop.other);
  shop.other.cut();
  comes_back(shop.other);
  comes_back(shop.unlucky);
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.unlucky.events.all_burned(), 0U);
}

// It was a replica and is a primary again, and behind; its connections have stayed.
TEST(lane_loss, counts_a_take_of_which_the_store_knows_nothing_while_another_lane_raises) {
  losing_store shop;
  const auto saved = shop.store.save();
  const request& late = shop.unlucky.ask("a", 1, 100ms);
  shop.unlucky.execute();
  shop.other.ask("a");
  shop.other.exchange();
  shop.unlucky.cut();
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  shop.unlucky.connect();
  shop.store.be_replica_and_primary_again(saved);
  shop.unlucky.execute();
  shop.other.cut();
  comes_back(shop.other);
  EXPECT_EQ(shop.store.value("a"), 2U);
  shop.unlucky.exchange();
  EXPECT_EQ(shop.unlucky.events.all_burned(), 1U);
}

// ---- a store that was emptied, and adopted

struct adopted_store : losing_store {
  /// The first lane notices and goes on; nobody has asked the other for anything.
  adopted_store() {
    unlucky.ask("a");
    unlucky.exchange();
    store.flush_all();
    unlucky.ask("a");
    unlucky.exchange();
    EXPECT_TRUE(guard.halted());
    guard.adopt();
    unlucky.connect();
    EXPECT_EQ(guard.losses(), 1U);
  }
};

TEST(lane_adoption, is_followed_by_a_lane_that_had_not_noticed_the_loss) {
  adopted_store shop;
  const request& first = shop.other.ask("a");
  shop.other.connect();
  shop.other.exchange();
  EXPECT_EQ(first.range(), (turn_range{2, 1}));
  EXPECT_EQ(shop.guard.losses(), 1U);
  EXPECT_FALSE(shop.guard.halted());
  EXPECT_EQ(shop.other.events.times(store_event::lost), 0U);
  EXPECT_TRUE(shop.other.events.failures.empty()) << "nothing that the breaker should hear of";
}

TEST(lane_adoption, is_not_taken_back_by_what_was_sent_before_it) {
  losing_store shop;
  shop.unlucky.ask("a");
  shop.unlucky.exchange();
  const request& late = shop.other.ask("b", 1, 60s);
  shop.store.flush_all();
  shop.other.execute();
  shop.unlucky.ask("a");
  shop.unlucky.exchange();
  shop.guard.adopt();
  shop.unlucky.connect();
  shop.other.deliver();
  EXPECT_EQ(late.error(), errc::store_behind) << "it was not taken, for certain";
  EXPECT_FALSE(shop.guard.halted());
  shop.other.connect();
  EXPECT_EQ(shop.guard.losses(), 1U);
  const request& next = shop.other.ask("b");
  shop.other.exchange();
  EXPECT_EQ(next.range(), (turn_range{1, 1}));
}

// It asks whether the store has a genesis just before another lane gives it one.
TEST(lane_adoption, is_not_taken_back_by_what_was_read_before_it) {
  losing_store shop;
  shop.unlucky.ask("a");
  shop.unlucky.exchange();
  shop.store.flush_all();
  for (lane_bench* const each : {&shop.unlucky, &shop.other}) {
    each->ask("a");
    each->exchange();
  }
  shop.pass(500ms);
  while (shop.other.execute()) {  // there is none
  }
  shop.unlucky.exchange();
  shop.guard.adopt();
  shop.unlucky.connect();
  shop.other.exchange();
  EXPECT_FALSE(shop.guard.halted());
  shop.other.connect();
  EXPECT_EQ(shop.guard.losses(), 1U);
}

}  // namespace
}  // namespace turnomatic::redis
