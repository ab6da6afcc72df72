// A store, a lane record or a counter that is not where it must be.
#include "unit/redis/shard_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using connection_state = fake_connection::state;

shard_bench::settings on_loss(loss_policy policy) {
  shard_bench::settings made;
  made.tuning.connection = {.set_up_timeout = 1s, .stall_timeout = 2s};
  made.tuning.entry.on_loss = policy;
  return made;
}

/// Two lanes of one instance that count on the same store.
struct two_lanes : workshop {
  explicit two_lanes(loss_policy policy = loss_policy::halt)
      : bench{*this, guard, on_loss(policy)}, other{*this, guard, on_loss(policy)} {
    bench.connect();
    other.connect();
  }
  request& take(shard_bench& from, std::string_view id, std::uint32_t turns = 1) {
    request& made = from.ask(id, turns);
    from.exchange();
    return made;
  }

  store_guard guard{guard_settings()};
  shard_bench bench;
  shard_bench other;
};

// ---- the wrong store

/// Sends the next connections to a store that somebody else has founded.
memory_redis other_store() {
  counting stranger;
  memory_redis made = stranger.store;
  made.command({"HSET", "t:{0}:store", "id", "another"});
  return made;
}

// It used to ask the wrong store on the same connection for ever.
TEST(shard, ends_the_connection_to_a_wrong_store_and_looks_the_name_up_at_every_try) {
  counting shop;
  const memory_redis right = shop.store;
  shop.store = other_store();
  shop.bench.cut();
  shop.bench.open_connection();
  EXPECT_EQ(shop.guard.loss(), store_loss::exchanged);
  EXPECT_TRUE(shop.bench.tested.sees_wrong_store());
  EXPECT_EQ(shop.bench.ask("a").error(), errc::store_behind);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
    const int openings = shop.bench.link.openings;
    shop.bench.open_connection();
    EXPECT_EQ(shop.bench.link.openings, openings + 1);
  }
  EXPECT_EQ(shop.bench.events.times(store_event::lost), 1U) << "told once";
  EXPECT_EQ(shop.guard.notes.read().losses, 1U);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed) << "it answers";

  shop.store = right;
  shop.bench.connect();
  EXPECT_EQ(shop.guard.loss(), store_loss::none);
  EXPECT_EQ(shop.bench.events.times(store_event::recovered), 1U);
  request& served = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
}

TEST(shard, fails_what_waits_when_it_meets_a_wrong_store) {
  counting shop;
  shop.bench.cut();
  request& waits = shop.bench.ask("a", 1, 10s);
  shop.store = other_store();
  shop.bench.open_connection();
  EXPECT_EQ(waits.error(), errc::store_behind);
}

TEST(shard, finds_out_in_the_right_store_what_became_of_a_packet_after_it_met_a_wrong_one) {
  counting shop;
  request& patient = shop.bench.ask("a", 3, 10s);
  shop.bench.execute();
  const memory_redis right = shop.store;
  shop.bench.cut();
  shop.store = other_store();
  shop.bench.open_connection();
  EXPECT_EQ(patient.completions, 0);
  shop.store = right;
  shop.bench.connect();
  EXPECT_EQ(patient.range(), (turn_range{1, 3}));
}

TEST(shard, lets_only_the_lane_that_saw_a_wrong_store_clear_it) {
  two_lanes shop;
  const memory_redis right = shop.store;
  shop.store = other_store();
  shop.bench.cut();
  shop.bench.open_connection();
  shop.store = right;
  shop.other.cut();
  shop.other.connect();
  EXPECT_EQ(shop.guard.loss(), store_loss::exchanged) << "the other has not seen the right one";
  EXPECT_FALSE(shop.other.tested.sees_wrong_store()) << "and counts";
  shop.bench.connect();
  EXPECT_EQ(shop.guard.loss(), store_loss::none);
}

TEST(shard, notices_at_a_refresh_that_the_store_was_emptied) {
  counting shop;
  shop.store.flush_all();
  shop.pass(1s);
  shop.bench.exchange();
  EXPECT_EQ(shop.guard.loss(), store_loss::emptied);
  EXPECT_EQ(shop.store.store_field("id"), "") << "it is not for us to found it again";
}

TEST(shard, notices_at_the_next_packet_that_the_store_was_emptied) {
  counting shop;
  shop.store.flush_all();
  request& unlucky = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U);
  EXPECT_EQ(shop.guard.loss(), store_loss::emptied);
  EXPECT_EQ(shop.store.turns_taken(), 0U);
}

// ---- adopting

/// The store was emptied after a took 5; one lane has seen it, and an operator has adopted it.
struct adopted : two_lanes {
  adopted() {
    take(bench, "a", 5);
    store.flush_all();
    take(bench, "b");
    EXPECT_EQ(guard.loss(), store_loss::emptied);
    guard.adopt();
  }
};

TEST(shard, raises_the_counters_of_an_adopted_store_before_anybody_counts) {
  adopted shop;
  request& before = shop.bench.ask("a");
  EXPECT_EQ(before.error(), errc::store_behind) << "until it has connected";
  shop.bench.connect();
  EXPECT_EQ(shop.guard.loss(), store_loss::none);
  EXPECT_EQ(shop.store.turn("a"), 5U);
  EXPECT_FALSE(shop.store.halted("a")) << "whatever the policy";
  EXPECT_EQ(shop.take(shop.bench, "a").range(), (turn_range{6, 1}));
  EXPECT_TRUE(shop.guard.halted.list().empty());
}

TEST(shard, gives_an_emptied_store_another_id) {
  adopted shop;
  const std::string first = shop.guard.store_id();
  shop.bench.connect();
  EXPECT_NE(shop.guard.store_id(), first);
  EXPECT_EQ(shop.guard.store_id(), shop.store.store_field("id"));
}

TEST(shard, follows_an_adoption_that_another_lane_has_carried_out) {
  adopted shop;
  shop.bench.connect();
  shop.store.keep_log();
  request& first = shop.other.ask("a", 1, 10s);
  shop.other.connect();
  shop.other.exchange();
  EXPECT_TRUE(first.outcome.has_value());
  shop.other.connect();
  EXPECT_EQ(shop.take(shop.other, "c").range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.guard.loss(), store_loss::none);
  for (const std::string& said : shop.store.take_log())
    EXPECT_THAT(said, ::testing::Not(HasSubstr(std::string{script_of(script_id::raise_marks).sha})))
        << "the counters were raised before";
}

TEST(shard, waits_while_another_lane_raises_the_counters_of_an_adopted_store) {
  adopted shop;
  shop.other.cut();
  shop.bench.open_connection();  // the marks are on their way
  shop.other.open_connection();
  shop.other.exchange();
  EXPECT_FALSE(shop.other.counts());
  shop.bench.connect();
  shop.other.connect();
  EXPECT_EQ(shop.take(shop.other, "a").range(), (turn_range{6, 1}));
}

// What the former store still answers has to be in the marks.
TEST(shard, raises_no_counters_of_an_adopted_store_before_all_lanes_have_left_the_former_one) {
  adopted shop;
  shop.bench.open_connection();
  shop.store.keep_log();
  shop.bench.exchange();
  shop.pass(100ms);
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(), ::testing::IsEmpty());
  shop.other.tested.pump(shop.now);
  EXPECT_EQ(shop.other.link.now(), fake_connection::state::closed)
      << "the other one leaves it soon";
  shop.bench.connect();
  EXPECT_EQ(shop.take(shop.bench, "a").range(), (turn_range{6, 1}));
}

TEST(shard, raises_the_counters_again_when_the_connection_was_lost_on_the_way) {
  adopted shop;
  shop.other.cut();
  shop.bench.open_connection();
  shop.bench.cut();
  shop.bench.connect();
  EXPECT_EQ(shop.take(shop.bench, "a").range(), (turn_range{6, 1}));
}

TEST(shard, gives_up_what_was_under_way_to_the_store_before_the_adopted_one) {
  two_lanes shop;
  request& unlucky = shop.bench.ask("a", 2, 10s);
  shop.bench.execute();
  shop.bench.cut();
  shop.store.flush_all();
  shop.bench.open_connection();
  EXPECT_EQ(unlucky.completions, 0) << "the store may still be found again";
  shop.guard.adopt();
  shop.bench.connect();
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U);
}

TEST(shard, halts_what_is_lost_after_an_adoption) {
  adopted shop;
  shop.bench.connect();
  const auto snapshot = shop.store.save();
  shop.take(shop.bench, "a", 5);
  shop.other.connect();
  shop.crash(snapshot);
  shop.bench.cut();
  shop.other.cut();
  shop.other.open_connection();
  shop.other.exchange();
  shop.bench.connect();
  EXPECT_TRUE(shop.store.halted("a")) << "what was accepted was the first loss, not this one";
}

// ---- lane records

TEST(shard, enters_as_a_new_lane_where_its_record_is_gone) {
  counting shop;
  const std::string record = shop.store.lane_records().at(0);
  shop.store.command({"DEL", record});
  shop.bench.cut();
  shop.bench.connect();
  EXPECT_EQ(shop.bench.events.times(store_event::lost), 1U);
  EXPECT_THAT(shop.bench.events.detail(store_event::lost), HasSubstr("found no record"));
  ASSERT_EQ(shop.store.lane_records().size(), 1U);
  EXPECT_NE(shop.store.lane_records().at(0), record);
  EXPECT_EQ(shop.guard.notes.read().losses, 1U);
}

TEST(shard, counts_what_it_had_found_not_executed_when_its_record_is_behind) {
  counting shop;
  const auto older = shop.store.save();
  shop.bench.ask("b");
  shop.bench.exchange();
  shop.bench.ask("a", 3, 100ms);
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
  shop.store.be_replica_and_primary_again(older);
  shop.bench.ask("c");
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 4U) << "3 of a, and 1 of c";
}

// A process that was copied, machine and all: the other one goes on with the record.
TEST(shard, gives_its_record_up_to_a_copy_of_the_process) {
  counting shop;
  const std::string name = shop.guard.instance();
  const std::string record = shop.store.lane_records().at(0);
  shop.store.command({"HSET", record, "g", "of the copy", "s", "1"});
  request& unlucky = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.store.turns_taken(), 0U) << "the copy's turns are not handed out twice";
  EXPECT_THAT(shop.bench.events.detail(store_event::lost), HasSubstr("of somebody else"));
  EXPECT_EQ(shop.guard.instance(), name) << "others know it by that, and await it";
  shop.go_on(1100ms);
  EXPECT_NE(shop.guard.instance(), name);
  request& served = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.store.lane_records().size(), 2U);
}

TEST(shard, finds_a_copy_of_the_process_at_a_refresh) {
  counting shop;
  shop.store.command({"HSET", shop.store.lane_records().at(0), "g", "of the copy"});
  shop.pass(1s);
  shop.go_on(1100ms);
  EXPECT_TRUE(shop.bench.counts());
  EXPECT_EQ(shop.store.lane_records().size(), 2U);
}

TEST(shard, gives_up_a_packet_when_a_refresh_before_it_finds_no_record) {
  counting shop;
  shop.store.command({"DEL", shop.store.lane_records().at(0)});
  shop.pass(1s);  // the refresh leaves
  request& unlucky = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(unlucky.completions, 1);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U) << "once";
  EXPECT_EQ(shop.bench.events.times(store_event::lost), 1U);
  EXPECT_EQ(shop.store.store_field("closed"), "1") << "counters may be gone as well";
  shop.go_on(1100ms);
  request& served = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
}

// ---- counters

/// `a` was handed out up to 5 and stands at 2 in a store that was quietly rolled back.
struct counter_behind_its_mark : two_lanes {
  explicit counter_behind_its_mark(loss_policy policy) : two_lanes{policy} {
    take(bench, "a", 5);
    store.command({"HSET", "t:{0}:turns", "a", "2"});
  }
};

TEST(shard, halts_a_counter_that_is_behind_its_mark) {
  counter_behind_its_mark shop{loss_policy::halt};
  EXPECT_EQ(shop.take(shop.bench, "a").error(), errc::store_behind);
  EXPECT_TRUE(shop.store.halted("a"));
  EXPECT_EQ(shop.take(shop.other, "a").error(), errc::store_behind) << "on any lane";
  EXPECT_EQ(shop.guard.notes.read().losses, 1U);
  EXPECT_EQ(shop.bench.events.detail(store_event::counter_behind), "a stood at 2, issued up to 5");
  EXPECT_EQ(shop.take(shop.bench, "b").range(), (turn_range{1, 1})) << "the others go on";
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
}

TEST(shard, goes_on_above_the_mark_where_that_is_the_policy) {
  counter_behind_its_mark shop{loss_policy::skip};
  EXPECT_EQ(shop.take(shop.bench, "a").range(), (turn_range{6, 1}));
  EXPECT_EQ(shop.guard.notes.read().losses, 1U) << "counted all the same";
  EXPECT_EQ(shop.bench.events.times(store_event::counter_behind), 1U);
  EXPECT_THAT(shop.guard.halted.list(), IsEmpty());
}

// /health of the other instance used to stay at fail until somebody took that id there.
TEST(shard, sees_at_its_next_refresh_that_a_counter_was_resumed_through_another_instance) {
  counter_behind_its_mark shop{loss_policy::halt};
  shop.take(shop.bench, "a");
  ASSERT_FALSE(shop.guard.halted.empty());
  shop.pass(1s);
  shop.bench.exchange();
  EXPECT_FALSE(shop.guard.halted.empty()) << "nobody has resumed it";
  shop.store.command({"HSET", "t:{0}:turns", "a", "5"});
  shop.pass(1s);
  shop.bench.exchange();
  EXPECT_TRUE(shop.guard.halted.empty());
}

// It used to look at the same hundred again and again.
TEST(shard, looks_at_all_halted_counters_in_turn) {
  counter_behind_its_mark shop{loss_policy::halt};
  for (int i = 0; i < 250; ++i)
    (void)shop.guard.halted.add({"id" + std::to_string(i), 1, 2});
  for (int i = 0; i < 10 && !shop.guard.halted.empty(); ++i) {
    shop.pass(1s);
    shop.bench.exchange();
  }
  EXPECT_TRUE(shop.guard.halted.empty()) << "none of them is halted in the store";
}

TEST(shard, sees_that_a_counter_goes_on_when_it_takes_a_turn) {
  counter_behind_its_mark shop{loss_policy::halt};
  shop.take(shop.bench, "a");
  shop.store.command({"HSET", "t:{0}:turns", "a", "5"});
  EXPECT_EQ(shop.take(shop.bench, "a").range(), (turn_range{6, 1}));
  EXPECT_TRUE(shop.guard.halted.empty());
}

}  // namespace
}  // namespace turnomatic::redis
