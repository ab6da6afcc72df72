// Each batch of a lane is executed once, whatever becomes of connections.
#include "unit/redis/lane_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;

TEST(lane, takes_a_batch_and_hands_its_turns_out) {
  counting shop;
  shop.store.keep_log();
  request& first = shop.bench.ask("a", 3);
  request& second = shop.bench.ask("a");
  request& third = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 3}));
  EXPECT_EQ(second.range(), (turn_range{4, 1}));
  EXPECT_EQ(third.range(), (turn_range{5, 2}));
  EXPECT_THAT(shop.store.take_log(),
              ElementsAre(EndsWith("_take 2 t:c:a t:genesis genesis1 lane1 0000000000000001 "
                                   "0000000000000003 0000000000000000 32 halt"),
                          EndsWith("_take 2 t:c:a t:genesis genesis1 lane1 0000000000000002 "
                                   "0000000000000003 0000000000000003 32 halt")))
      << "what came meanwhile is one batch, and carries what was issued before";
  EXPECT_EQ(shop.bench.events.answered, 6U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

TEST(lane, sends_batches_of_many_ids_without_waiting_for_answers) {
  counting shop;
  for (const std::string_view id : {"a", "b", "c"})
    shop.bench.ask(id);
  EXPECT_EQ(shop.bench.tested.under_way(), 3U);
  EXPECT_TRUE(shop.bench.execute());
  EXPECT_TRUE(shop.bench.execute());
  EXPECT_TRUE(shop.bench.execute());
  shop.bench.exchange();
  for (const request& each : shop.bench.requests)
    EXPECT_EQ(each.range(), (turn_range{1, 1}));
}

TEST(lane, has_no_more_commands_under_way_than_it_may) {
  workshop shop;
  lane_bench bench{shop, {.tuning = {.pipeline_max = 2}}};
  bench.connect();
  for (const std::string_view id : {"a", "b", "c"})
    bench.ask(id);
  EXPECT_EQ(bench.tested.under_way(), 2U);
  bench.execute();
  EXPECT_EQ(bench.tested.under_way(), 2U);
  bench.deliver();
  EXPECT_EQ(bench.tested.under_way(), 2U) << "one was answered, the next was sent";
  bench.exchange();
  EXPECT_EQ(bench.requests.back().range(), (turn_range{1, 1}));
}

TEST(lane, does_not_want_to_be_woken_for_what_waits_behind_a_batch) {
  counting shop;
  shop.bench.ask("a");
  shop.bench.ask("a");
  EXPECT_GE(shop.bench.tested.wake_at(), shop.now + 1s) << "nothing can be sent before an answer";
}

TEST(lane, does_not_want_to_be_woken_for_what_has_no_room) {
  workshop shop;
  lane_bench bench{shop, {.tuning = {.pipeline_max = 1}}};
  bench.connect();
  bench.ask("a");
  bench.ask("b");
  EXPECT_GE(bench.tested.wake_at(), shop.now + 1s);
}

TEST(lane, gets_the_same_turns_when_a_reply_was_lost) {
  counting shop;
  request& patient = shop.bench.ask("a", 3);
  shop.store.keep_log();
  shop.bench.execute();
  shop.bench.cut();
  EXPECT_EQ(patient.completions, 0);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 3}));
  EXPECT_EQ(shop.store.turns_taken(), 3U);
  EXPECT_EQ(shop.bench.events.sent_again, 1);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
  const auto said = shop.store.take_log();
  EXPECT_EQ(said.front(), said.back()) << "word by word";
}

TEST(lane, has_a_request_executed_that_was_cut_off_before) {
  counting shop;
  request& patient = shop.bench.ask("a");
  shop.bench.cut();
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

TEST(lane, has_a_ghost_do_nothing_after_it_was_sent_again) {
  counting shop;
  request& patient = shop.bench.ask("a");
  shop.bench.cut();
  shop.bench.connect();
  shop.bench.exchange();
  ASSERT_TRUE(shop.bench.ghost_executes());
  EXPECT_EQ(shop.store.turns_taken(), 1U);

  request& next = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(next.range(), (turn_range{2, 1}));
}

TEST(lane, has_a_ghost_do_nothing_after_later_batches) {
  counting shop;
  shop.bench.ask("a");
  shop.bench.cut();
  shop.bench.connect();
  shop.bench.exchange();
  shop.bench.ask("a", 5);
  shop.bench.exchange();
  ASSERT_TRUE(shop.bench.ghost_executes());
  EXPECT_EQ(shop.store.turns_taken(), 6U) << "its sequence is superseded";
}

TEST(lane, takes_what_a_ghost_took_for_it) {
  counting shop;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.cut();
  shop.bench.connect();
  ASSERT_TRUE(shop.bench.ghost_executes());
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

TEST(lane, survives_any_number_of_cuts) {
  counting shop;
  request& patient = shop.bench.ask("a");
  for (int i = 0; i < 10; ++i) {
    shop.bench.cut();
    shop.bench.connect();
  }
  shop.bench.exchange();
  while (shop.bench.ghost_executes()) {
  }
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

TEST(lane, counts_the_turns_of_a_batch_that_nobody_waits_for_any_more) {
  counting shop;
  request& late = shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  shop.store.keep_log();
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log().back(),
              EndsWith("_resolve 2 t:c:a t:genesis genesis1 lane1 1 3 0 32 halt"));
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
  EXPECT_EQ(shop.bench.events.all_burned(), 3U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

TEST(lane, counts_nothing_for_a_batch_that_was_not_executed) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
  EXPECT_EQ(shop.store.turns_taken(), 0U);
  request& next = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(next.range(), (turn_range{1, 1})) << "no gap";
}

TEST(lane, makes_a_ghost_harmless_by_asking_what_became_of_it) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  shop.bench.exchange();
  ASSERT_TRUE(shop.bench.ghost_executes());
  EXPECT_EQ(shop.store.turns_taken(), 0U);
}

TEST(lane, counts_what_a_ghost_took_before_it_asked) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  ASSERT_TRUE(shop.bench.ghost_executes());
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
}

TEST(lane, asks_again_what_became_of_a_batch_when_that_answer_was_lost_too) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  shop.bench.execute();
  shop.bench.cut();
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
}

TEST(lane, counts_the_share_of_those_who_left_a_batch) {
  counting shop;
  shop.bench.ask("a");
  request& leaves = shop.bench.ask("a", 2, 100ms);  // these two share the next batch
  request& stays = shop.bench.ask("a");
  shop.bench.execute();
  shop.bench.deliver();
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(leaves.error(), errc::outcome_unknown);
  EXPECT_EQ(stays.range(), (turn_range{2, 1})) << "the first of what is left";
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 2U);
  EXPECT_EQ(shop.store.turns_taken(), 4U);
}

TEST(lane, counts_turns_that_come_after_the_deadline) {
  counting shop;
  request& late = shop.bench.ask("a", 3, 100ms);
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
  EXPECT_EQ(late.completions, 1);
}

TEST(lane, sends_no_further_batch_of_an_id_before_the_outcome_of_the_last_is_known) {
  counting shop;
  shop.bench.ask("a", 1, 100ms);
  shop.bench.cut();
  shop.pass(100ms);
  request& next = shop.bench.ask("a");
  EXPECT_EQ(shop.bench.tested.under_way(), 1U);
  shop.bench.connect();
  shop.bench.execute();
  shop.bench.deliver();
  EXPECT_EQ(next.completions, 0);
  shop.bench.exchange();
  EXPECT_EQ(next.range(), (turn_range{1, 1}));
}

TEST(lane, does_not_send_what_is_late_already) {
  counting shop;
  shop.bench.cut();
  request& late = shop.bench.ask("a", 1, 10ms);
  shop.pass(10ms);
  EXPECT_EQ(late.error(), errc::deadline_passed);
  shop.bench.connect();
  EXPECT_FALSE(shop.bench.execute());
}

TEST(lane, hands_out_the_last_turns_of_a_counter_and_no_more) {
  counting shop;
  shop.store.set_value("a", turn_max - 3);
  request& before = shop.bench.ask("a");
  request& last = shop.bench.ask("a", 5);
  request& behind = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(before.range(), (turn_range{turn_max - 2, 1}));
  EXPECT_EQ(last.range(), (turn_range{turn_max - 1, 2})) << "a shorter range";
  EXPECT_EQ(behind.error(), errc::counter_exhausted);
  request& afterwards = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(afterwards.error(), errc::counter_exhausted);
  EXPECT_EQ(shop.store.value("a"), turn_max);
}

// ---- malformed answers

class malformed_answer : public ::testing::TestWithParam<std::string> {};

TEST_P(malformed_answer, loses_the_connection_and_not_the_batch) {
  counting shop;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.last_reply() = GetParam();
  shop.bench.deliver();
  EXPECT_EQ(shop.bench.link.now(), wire::state::closed);
  EXPECT_EQ(patient.completions, 0);
  EXPECT_EQ(shop.bench.events.times(store_event::connection_lost), 1U);
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

INSTANTIATE_TEST_SUITE_P(lane, malformed_answer,
                         ::testing::Values(":0\r\n", ":-1\r\n", ":9007199254740991\r\n", "$-1\r\n",
                                           "+OK\r\n", "*0\r\n", "*1\r\n:1\r\n",
                                           "*1\r\n$5\r\ntaken\r\n",
                                           "*4\r\n$5\r\ntaken\r\n:1\r\n:3\r\n:0\r\n",
                                           "*4\r\n$5\r\ntaken\r\n:0\r\n:2\r\n:0\r\n",
                                           "*1\r\n$7\r\nnothing\r\n", "*1\r\n$4\r\nnone\r\n",
                                           "*1\r\n$10\r\nsuperseded\r\n", "no RESP\r\n"));

TEST(lane, loses_a_connection_that_answers_what_was_not_asked) {
  counting shop;
  shop.bench.deliver_bytes(":1\r\n");
  EXPECT_EQ(shop.bench.link.now(), wire::state::closed);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::protocol));
}

}  // namespace
}  // namespace turnomatic::redis
