// What a shard does when nothing comes, and when it comes late.
#include "unit/redis/shard_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using connection_state = fake_connection::state;

// ---- silence

TEST(shard, gives_up_a_connection_that_stands_still) {
  counting shop;
  request& patient = shop.bench.ask("a", 1, 10s);
  shop.pass(1999ms);
  EXPECT_EQ(shop.bench.link.now(), connection_state::open);
  shop.pass(1ms);
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::lost));
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
}

TEST(shard, has_patience_as_long_as_something_comes) {
  counting shop;
  for (const std::string_view id : {"a", "b", "c"})
    shop.bench.ask(id, 1, 10s);
  for (int i = 0; i < 3; ++i) {
    shop.pass(900ms);
    shop.bench.execute();
    shop.bench.deliver();
  }
  EXPECT_EQ(shop.bench.link.openings, 1);
}

TEST(shard, asks_for_a_sign_of_life_as_often_as_it_refreshes_its_record) {
  counting shop;
  shop.store.keep_log();
  shop.pass(999ms);
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(), IsEmpty());
  shop.pass(1ms);
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(),
              ElementsAre(HasSubstr(std::string{script_of(script_id::refresh).sha})));
  shop.pass(1s);
  EXPECT_TRUE(shop.bench.execute()) << "and again";
  shop.pass(2s);
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed) << "there was no answer";
}

TEST(shard, gives_its_record_a_life_span_whenever_it_refreshes_it) {
  counting shop;
  const std::string record = shop.store.lane_records().at(0);
  shop.store.command({"PEXPIRE", record, "5"});
  shop.pass(1s);
  shop.bench.exchange();
  EXPECT_GT(shop.store.life_span_ms(record), 86'400'000);
}

TEST(shard, gives_up_a_set_up_that_is_not_answered_in_time) {
  workshop shop;
  store_guard guard{shop.guard_settings()};
  shard_bench bench{shop, guard};
  shop.pass(0ms);
  bench.accept();
  shop.pass(999ms);
  EXPECT_EQ(bench.link.now(), connection_state::open);
  bench.execute();
  bench.deliver();
  shop.pass(1ms);
  EXPECT_EQ(bench.link.now(), connection_state::closed) << "the time is for all of it";
  EXPECT_THAT(bench.events.failures, ElementsAre(store_failure::connect));
  EXPECT_EQ(bench.events.detail(store_event::connect_failed), "set-up: no answer in time");
}

TEST(shard, waits_longer_from_attempt_to_attempt_and_not_again_after_a_success) {
  workshop shop;
  store_guard guard{shop.guard_settings()};
  const backoff_settings wide{64ms, 1024ms};
  backoff expected{wide, 1};
  shard_bench bench{
      shop,
      guard,
      {.tuning = {.connection = {.set_up_timeout = 1s, .stall_timeout = 2s, .reconnect = wide}},
       .breaker = {.consecutive_failures = 0}}};
  shop.pass(0ms);
  for (int attempt = 0; attempt < 6; ++attempt) {
    ASSERT_EQ(bench.link.now(), connection_state::opening);
    bench.refuse();
    const duration wait = bench.tested.wake_at() - shop.now;
    EXPECT_EQ(wait, expected.next()) << attempt;
    shop.pass(wait);
  }
  bench.connect();
  expected.reset();
  bench.cut();
  EXPECT_EQ(bench.tested.wake_at() - shop.now, expected.next());
}

// ---- late answers

// The server may have been restored since, and have been opened without this instance: then the
// same turns are somebody else's.
TEST(shard, asks_the_record_what_became_of_a_packet_whose_answer_comes_later_than_the_grace) {
  counting shop;
  request& patient = shop.bench.ask("a", 3, 10s);
  shop.bench.execute();
  shop.pass(1001ms);
  shop.bench.deliver();
  EXPECT_EQ(patient.completions, 0);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::deadline));
  EXPECT_EQ(shop.guard.marks.size(), 0U) << "a mark tells what was handed out";
  EXPECT_THAT(shop.guard.notes.read().trouble, HasSubstr("redis.recovery_grace"));
  shop.bench.open_connection();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 3}));
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 0U);
}

TEST(shard, hands_out_what_comes_just_within_the_grace) {
  counting shop;
  request& lucky = shop.bench.ask("a", 3, 10s);
  shop.bench.execute();
  shop.pass(1s);
  shop.bench.deliver();
  EXPECT_EQ(lucky.range(), (turn_range{1, 3}));
}

TEST(shard, believes_no_takeover_that_is_answered_later_than_the_grace) {
  counting shop;
  request& patient = shop.bench.ask("a", 3, 10s);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.open_connection();
  shop.bench.execute();
  shop.pass(1001ms);
  shop.bench.deliver();
  EXPECT_EQ(patient.completions, 0);
  EXPECT_EQ(shop.bench.link.now(), connection_state::closed);
  EXPECT_THAT(shop.guard.notes.read().trouble, HasSubstr("redis.recovery_grace"));
  shop.bench.connect();
  EXPECT_EQ(patient.range(), (turn_range{1, 3})) << "the next one says the same, in time";
}

// ---- deadlines in a silent store

// Callers that wait for their answers ask anew at once, and would wait for another deadline.
TEST(shard, fails_on_while_the_store_stays_silent_after_a_deadline) {
  counting shop;
  for (int i = 0; i < 10; ++i)
    shop.bench.ask("id" + std::to_string(i), 1, 1s);
  shop.pass(1s);
  EXPECT_EQ(shop.bench.events.failures.size(), 1U);
  shop.pass(99ms);
  EXPECT_EQ(shop.bench.events.failures.size(), 1U);
  for (std::size_t failures = 2; failures < 5; ++failures) {
    shop.bench.ask("a", 1, 1s);
    shop.pass(failures == 2 ? 1ms : 100ms);
    EXPECT_EQ(shop.bench.events.failures.size(), failures);
  }
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  shop.pass(100ms);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  EXPECT_EQ(shop.bench.requests.back().error(), errc::breaker_open);
}

TEST(shard, counts_one_failure_for_all_that_end_at_one_deadline) {
  counting shop;
  for (int i = 0; i < 10; ++i)
    shop.bench.ask("id" + std::to_string(i), 1, 100ms);
  shop.pass(100ms);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::deadline));
  EXPECT_EQ(shop.bench.requests.front().error(), errc::outcome_unknown) << "it was sent";
  EXPECT_EQ(shop.bench.requests.back().error(), errc::deadline_passed);
}

TEST(shard, counts_one_failure_for_a_deadline_after_which_the_store_is_heard) {
  counting shop;
  shop.bench.ask("a", 1, 100ms);
  shop.pass(104ms);
  shop.bench.exchange();
  shop.pass(900ms);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::deadline));
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
}

TEST(shard, opens_the_breaker_when_deadlines_pass_one_after_the_other_in_a_silent_store) {
  counting shop;
  for (int i = 0; i < 10; ++i)
    shop.bench.ask("id" + std::to_string(i), 1, 100ms + i * 5ms);
  shop.pass(119ms);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  shop.pass(1ms);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  EXPECT_EQ(shop.bench.events.failures.size(), 5U);
}

TEST(shard, does_not_call_a_store_silent_to_which_no_packet_was_sent) {
  workshop shop;
  store_guard guard{shop.guard_settings()};
  shard_bench bench{shop, guard};
  bench.ask("a", 1, 100ms);
  shop.pass(0ms);
  bench.accept();
  shop.pass(200ms);
  EXPECT_EQ(bench.requests.front().error(), errc::deadline_passed);
  EXPECT_THAT(bench.events.failures, IsEmpty()) << "the set-up is under way";
}

// A drain used to wait for it to its end.
TEST(shard, waits_for_nothing_from_a_store_that_is_not_there_any_more) {
  counting shop;
  request& lost = shop.bench.ask("a", 2, 10s);
  shop.bench.cut();
  shop.store.flush_all();
  shop.bench.open_connection();
  EXPECT_TRUE(shop.bench.tested.sees_wrong_store());
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
  EXPECT_EQ(shop.bench.events.all_burned(), 0U) << "the right one may come back";
  shop.bench.tested.end();
  EXPECT_EQ(shop.bench.burned(burn_reason::outcome_unknown), 2U);
  EXPECT_EQ(lost.error(), errc::outcome_unknown);
}

}  // namespace
}  // namespace turnomatic::redis
