// Turns taken without exactly-once: what is lost is counted, and nothing is given twice.
#include "unit/redis/lane_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

struct fast_counting : workshop {
  explicit fast_counting(loss_policy policy = loss_policy::halt)
      : bench{*this, {.tuning = {.guarantee = redis_guarantee::fast, .on_loss = policy}}} {
    bench.connect();
  }

  lane_bench bench;
};

TEST(lane_fast, takes_with_one_increment_and_looks_at_the_genesis_behind_all_of_them) {
  fast_counting shop;
  shop.store.keep_log();
  const request& first = shop.bench.ask("a", 3);
  shop.bench.exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 3}));
  EXPECT_THAT(shop.store.take_log(), ElementsAre("HINCRBY t:c:a v 3", "GET t:genesis"));
}

TEST(lane_fast, hands_nothing_out_before_it_has_seen_the_genesis) {
  fast_counting shop;
  const request& patient = shop.bench.ask("a");
  shop.bench.execute();
  shop.bench.deliver();
  EXPECT_EQ(patient.completions, 0);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
}

TEST(lane_fast, does_not_send_again_what_was_not_answered_and_counts_it) {
  fast_counting shop;
  const request& executed = shop.bench.ask("a", 2);
  shop.bench.execute();
  const request& not_executed = shop.bench.ask("b", 3);
  shop.bench.cut();
  EXPECT_EQ(executed.error(), errc::outcome_unknown);
  EXPECT_EQ(not_executed.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 5U) << "an upper bound";
  EXPECT_EQ(shop.bench.events.times(store_event::turns_burned), 2U) << "each in the log";
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(shop.store.turns_taken(), 2U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

TEST(lane_fast, gives_up_what_was_answered_without_a_look_at_the_genesis) {
  fast_counting shop;
  const request& lost = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.deliver();
  shop.bench.cut();
  EXPECT_EQ(lost.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U);
}

TEST(lane_fast, hands_out_nothing_of_a_store_that_was_emptied) {
  fast_counting shop;
  shop.bench.ask("a", 5);
  shop.bench.exchange();
  shop.store.flush_all();
  const request& refused = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(refused.error(), errc::store_behind);
  EXPECT_EQ(shop.bench.burned(burn_reason::store_loss), 2U);
  EXPECT_EQ(shop.guard.loss(), store_loss::emptied);
  EXPECT_EQ(shop.bench.ask("b").error(), errc::store_behind);
}

// A proxy between us and Redis may have sent the command on before it gave up.
TEST(lane_fast, does_not_send_again_what_a_proxy_has_answered_with_an_error) {
  fast_counting shop;
  const request& unlucky = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.last_reply() = "-upstream failure\r\n";
  shop.bench.deliver();
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U);
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

// The store is restored before the genesis is looked at again: it is the right one, and knows
// nothing of what was taken before.
TEST(lane_fast, hands_out_nothing_that_was_taken_before_counting_was_halted) {
  fast_counting shop;
  const auto older = shop.store.save();
  const request& unlucky = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.store.set_mood(model_store::mood::busy);
  shop.bench.exchange();
  (void)shop.guard.lose(store_loss::exchanged, shop.guard.genesis());  // another lane has seen it
  shop.pass(20ms);
  shop.store.restart_with(older);
  shop.pass(1ms);
  shop.bench.exchange();
  EXPECT_EQ(unlucky.error(), errc::store_behind);
  EXPECT_EQ(shop.bench.burned(burn_reason::store_loss), 2U);
  const request& next = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(next.range(), (turn_range{1, 1}));
}

// The store has executed the increment and does not say now whether it is the one it was.
TEST(lane_fast, looks_at_the_genesis_again_when_that_was_refused) {
  fast_counting shop;
  const request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.store.set_mood(model_store::mood::busy);
  shop.bench.exchange();
  EXPECT_EQ(patient.completions, 0);
  EXPECT_FALSE(shop.guard.halted());
  shop.store.set_mood(model_store::mood::well);
  shop.pass(20ms);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
}

TEST(lane_fast, halts_a_counter_that_is_behind) {
  fast_counting shop;
  shop.bench.ask("a", 5);
  shop.bench.exchange();
  shop.store.set_value("a", 1);
  const request& refused = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(refused.error(), errc::store_behind);
  EXPECT_EQ(shop.bench.burned(burn_reason::store_loss), 2U) << "2 and 3, which had been issued";
  EXPECT_EQ(shop.bench.ask("a").error(), errc::store_behind) << "without asking the store";
  const request& other = shop.bench.ask("b");
  shop.bench.exchange();
  EXPECT_EQ(other.range(), (turn_range{1, 1}));
}

TEST(lane_fast, goes_on_above_what_was_issued_if_it_may) {
  fast_counting shop{loss_policy::skip};
  shop.bench.ask("a", 5);
  shop.bench.exchange();
  shop.store.set_value("a", 1);
  const request& patient = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{6, 2}));
  EXPECT_EQ(shop.bench.events.times(store_event::counter_behind), 1U);
  EXPECT_EQ(shop.guard.losses(), 1U);
  EXPECT_FALSE(shop.guard.any_behind());
}

TEST(lane_fast, goes_on_at_the_next_number_also_where_several_find_a_counter_behind) {
  fast_counting shop{loss_policy::skip};
  lane_bench second{shop,
                    {.tuning = {.guarantee = redis_guarantee::fast, .on_loss = loss_policy::skip}}};
  second.connect();
  shop.bench.ask("a", 100);
  shop.bench.exchange();
  shop.store.set_value("a", 0);
  const request& one = shop.bench.ask("a");
  const request& two = second.ask("a");
  for (lane_bench* const each : {&shop.bench, &second}) {
    each->execute();
    each->execute();
  }
  shop.bench.exchange();
  second.exchange();
  EXPECT_EQ(one.range(), (turn_range{101, 1}));
  EXPECT_EQ(two.range(), (turn_range{102, 1}));
}

// As a store without functions would be, or one where they may not be called.
TEST(lane_fast, finds_a_counter_behind_again_when_it_could_not_be_raised) {
  for (const bool forbidden : {false, true}) {
    fast_counting shop{loss_policy::skip};
    shop.bench.ask("a", 100);
    shop.bench.exchange();
    shop.store.set_value("a", 0);
    shop.store.flush_functions();
    shop.store.refuse_calls(forbidden ? "NOPERM this user has no permissions" : "");
    const request& patient = shop.bench.ask("a");
    shop.bench.exchange();
    EXPECT_LE(shop.store.value("a"), forbidden ? 3U : 100U) << "it does not try at once";
    EXPECT_EQ(!shop.bench.events.refusals.empty(), forbidden) << "an operator has to act";
    shop.store.refuse_calls({});
    shop.pass(20ms);
    shop.bench.exchange();
    EXPECT_EQ(patient.range(), (turn_range{101, 1}));
  }
}

TEST(lane_fast, shortens_a_range_at_the_end_and_then_refuses) {
  fast_counting shop;
  shop.store.set_value("a", turn_max - 1);
  const request& first = shop.bench.ask("a");
  const request& beyond = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(first.range(), (turn_range{turn_max, 1}));
  EXPECT_EQ(beyond.error(), errc::counter_exhausted);
}

TEST(lane_fast, takes_again_what_was_refused) {
  fast_counting shop;
  shop.store.set_mood(model_store::mood::busy);
  const request& patient = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(patient.completions, 0);
  shop.store.set_mood(model_store::mood::well);
  shop.pass(20ms);
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(lane_fast, counts_what_comes_after_the_deadline) {
  fast_counting shop;
  const request& late = shop.bench.ask("a", 2, 100ms);
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 2U);
}

TEST(lane_fast, fails_a_connection_on_which_comes_no_number) {
  for (const char* const reply : {"+OK\r\n", ":0\r\n", ":1\r\n", "$-1\r\n", "*0\r\n"}) {
    fast_counting shop;
    const request& unlucky = shop.bench.ask("a", 2);
    shop.bench.execute();
    shop.bench.last_reply() = reply;
    shop.bench.deliver();
    EXPECT_EQ(unlucky.error(), errc::outcome_unknown) << reply;
    EXPECT_EQ(shop.bench.link.now(), wire::state::closed) << reply;
    EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U) << reply;
  }
}

}  // namespace
}  // namespace turnomatic::redis
