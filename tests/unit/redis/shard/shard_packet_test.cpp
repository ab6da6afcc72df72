// Each packet of a shard is executed once, whatever becomes of connections.
#include "unit/redis/shard_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

// ---- what shares a packet

TEST(shard, takes_a_batch_and_hands_its_turns_out) {
  counting shop;
  shop.store.keep_log();
  request& first = shop.bench.ask("a", 3);
  request& second = shop.bench.ask("a");
  request& third = shop.bench.ask("a", 2);
  shop.bench.exchange();
  EXPECT_EQ(first.range(), (turn_range{1, 3}));
  EXPECT_EQ(second.range(), (turn_range{4, 1}));
  EXPECT_EQ(third.range(), (turn_range{5, 2}));
  EXPECT_THAT(shop.store.take_log(), ElementsAre(EndsWith(" 1 1000000000000 halt 60000 a 3 0"),
                                                 EndsWith(" 2 1000000000000 halt 60000 a 3 3")))
      << "what came in the meantime is one batch, and carries what was issued before";
  EXPECT_EQ(shop.bench.events.answered, 6U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

TEST(shard, sends_the_batches_of_all_ids_that_wait_in_one_packet) {
  counting shop;
  shop.bench.ask("first");
  for (const std::string_view id : {"a", "b", "c", "a"})
    shop.bench.ask(id);
  EXPECT_EQ(shop.bench.tested.under_way(), 1U) << "the wire is not free";
  shop.bench.execute();
  shop.bench.deliver();
  EXPECT_EQ(shop.bench.tested.under_way(), 3U);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.events.packets, 2U);
  EXPECT_EQ(shop.bench.events.answered_batches, 4U);
  EXPECT_EQ(shop.bench.requests.back().range(), (turn_range{2, 1}));
}

TEST(shard, sends_no_more_than_256_ids_in_a_packet) {
  counting shop;
  shop.bench.ask("first");
  for (int i = 0; i < 300; ++i)
    shop.bench.ask("id" + std::to_string(i));
  shop.bench.execute();
  shop.bench.deliver();
  EXPECT_EQ(shop.bench.tested.under_way(), 256U);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.events.packets, 3U);
  for (const request& each : shop.bench.requests)
    EXPECT_EQ(each.range(), (turn_range{1, 1}));
}

TEST(shard, does_not_want_to_be_woken_for_what_waits_for_the_wire) {
  counting shop;
  shop.bench.ask("a");
  shop.bench.ask("b");
  EXPECT_GE(shop.bench.tested.wake_at(), shop.now + 1s) << "nothing can be sent before an answer";
}

TEST(shard, does_not_send_what_is_late_already) {
  counting shop;
  shop.bench.cut();
  request& late = shop.bench.ask("a", 1, 10ms);
  shop.pass(10ms);
  EXPECT_EQ(late.error(), errc::deadline_passed);
  shop.bench.connect();
  EXPECT_FALSE(shop.bench.execute());
}

TEST(shard, hands_out_the_last_turns_of_a_counter_and_no_more) {
  counting shop;
  shop.store.command({"HSET", "t:{0}:turns", "a", std::to_string(turn_max - 3)});
  request& before = shop.bench.ask("a");
  request& last = shop.bench.ask("a", 5);
  request& after = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(before.range(), (turn_range{turn_max - 2, 1}));
  EXPECT_EQ(last.range(), (turn_range{turn_max - 1, 2})) << "a shorter range";
  EXPECT_EQ(after.error(), errc::counter_exhausted);
  EXPECT_EQ(shop.store.turn("a"), turn_max);
}

// ---- cuts and ghosts

TEST(shard, gets_the_results_of_a_packet_whose_answer_was_lost) {
  counting shop;
  shop.bench.ask("first");
  request& one = shop.bench.ask("a", 3);
  request& other = shop.bench.ask("b");
  shop.bench.execute();
  shop.bench.deliver();
  shop.bench.execute();
  shop.bench.cut();
  EXPECT_EQ(one.completions, 0);
  shop.bench.connect();
  EXPECT_EQ(one.range(), (turn_range{1, 3}));
  EXPECT_EQ(other.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.store.turns_taken(), 5U);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(shard, sends_what_was_not_executed_with_the_next_packet_before_all_others) {
  counting shop;
  request& patient = shop.bench.ask("a");
  shop.bench.cut();
  request& later = shop.bench.ask("a");
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(later.range(), (turn_range{2, 1}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
  EXPECT_EQ(shop.bench.events.packets, 1U);
}

TEST(shard, makes_a_ghost_harmless_by_taking_its_record_over) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.cut();
  shop.pass(100ms);
  shop.bench.connect();
  ASSERT_TRUE(shop.bench.ghost_executes());
  EXPECT_EQ(shop.store.turns_taken(), 0U);
  request& next = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(next.range(), (turn_range{1, 1})) << "no gap";
  EXPECT_EQ(shop.bench.events.all_burned(), 0U);
}

TEST(shard, hands_out_what_a_ghost_took_before_the_takeover) {
  counting shop;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.cut();
  shop.bench.open_connection();
  ASSERT_TRUE(shop.bench.ghost_executes());
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

TEST(shard, survives_any_number_of_cuts) {
  workshop shop;
  store_guard guard{shop.guard_settings()};
  shard_bench bench{shop, guard, {.breaker = {.consecutive_failures = 0}}};
  bench.connect();
  request& patient = bench.ask("a", 1, 10s);
  for (int i = 0; i < 10; ++i) {
    bench.cut();
    bench.connect();
  }
  bench.exchange();
  while (bench.ghost_executes()) {
  }
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

TEST(shard, offers_the_same_generation_until_the_answer_to_a_takeover_has_come) {
  counting shop;
  request& patient = shop.bench.ask("a", 3, 10s);
  shop.bench.execute();
  shop.bench.cut();
  for (int i = 0; i < 3; ++i) {
    shop.bench.open_connection();
    EXPECT_TRUE(shop.bench.execute()) << "the takeover";
    shop.bench.cut();
  }
  shop.bench.connect();
  EXPECT_EQ(patient.range(), (turn_range{1, 3}));
  EXPECT_EQ(shop.bench.events.times(store_event::lost), 0U);
}

TEST(shard, is_not_disturbed_by_a_takeover_that_is_executed_late) {
  counting shop;
  shop.bench.cut();
  shop.bench.open_connection();
  shop.bench.cut();  // the takeover floats
  shop.bench.connect();
  shop.bench.cut();
  shop.bench.connect();
  ASSERT_TRUE(shop.bench.ghost_executes());
  request& next = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(next.range(), (turn_range{1, 1}));
  EXPECT_EQ(shop.bench.events.times(store_event::lost), 0U);
}

// ---- what nobody waits for any more

TEST(shard, counts_the_turns_of_a_packet_that_nobody_waits_for_any_more) {
  counting shop;
  request& late = shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U) << "that can still be found out";
  shop.bench.connect();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
  EXPECT_EQ(shop.bench.events.all_burned(), 3U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
}

TEST(shard, counts_the_share_of_those_who_left_a_batch) {
  counting shop;
  shop.bench.ask("first", 1, 10s);
  request& late = shop.bench.ask("a", 2, 100ms);
  request& patient = shop.bench.ask("a", 1, 10s);
  shop.bench.execute();
  shop.bench.deliver();
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  shop.bench.exchange();
  EXPECT_EQ(patient.range().count, 1U);
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 2U);
  EXPECT_EQ(late.completions, 1);
}

// ---- answers that make no sense

class malformed_answer : public ::testing::TestWithParam<std::string> {};

TEST_P(malformed_answer, loses_the_connection_and_not_the_batch) {
  counting shop;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.last_reply() = GetParam();
  shop.bench.deliver();
  EXPECT_EQ(shop.bench.link.now(), fake_connection::state::closed);
  EXPECT_EQ(patient.completions, 0);
  EXPECT_EQ(shop.bench.events.times(store_event::connection_lost), 1U);
  shop.bench.connect();
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
  EXPECT_EQ(shop.store.turns_taken(), 2U);
}

INSTANTIATE_TEST_SUITE_P(shard, malformed_answer,
                         ::testing::Values(":0\r\n", "$-1\r\n", "+OK\r\n", "*0\r\n",
                                           "*2\r\n:1\r\n:2\r\n",
                                           "*2\r\n$7\r\nrefused\r\n$1\r\n1\r\n", "no RESP\r\n"));

class malformed_result : public ::testing::TestWithParam<std::string> {};

TEST_P(malformed_result, counts_one_batch_as_unknown_and_serves_the_others) {
  counting shop;
  shop.bench.ask("first");
  request& unlucky = shop.bench.ask("a", 2);
  request& served = shop.bench.ask("b");
  shop.bench.execute();
  shop.bench.deliver();
  shop.bench.execute();
  shop.bench.last_reply() = "*2\r\n" + GetParam() + ":1\r\n";
  shop.bench.deliver();
  EXPECT_EQ(unlucky.error(), errc::outcome_unknown);
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U);
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
}

INSTANTIATE_TEST_SUITE_P(shard, malformed_result,
                         ::testing::Values(":0\r\n", ":1\r\n", "$-1\r\n", "*0\r\n", "$0\r\n\r\n",
                                           "$1\r\nq\r\n", "$5\r\nt 1 0\r\n", "$5\r\nk 1 0\r\n",
                                           "$1\r\nb\r\n", ":9007199254740993\r\n"));

TEST(shard, loses_a_connection_that_answers_what_was_not_asked) {
  counting shop;
  shop.bench.deliver_bytes(":1\r\n");
  EXPECT_EQ(shop.bench.link.now(), fake_connection::state::closed);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::protocol));
  EXPECT_THAT(shop.bench.events.detail(store_event::connection_lost), HasSubstr("to nothing"));
}

}  // namespace
}  // namespace turnomatic::redis
