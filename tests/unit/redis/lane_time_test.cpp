// What a lane does when nothing comes, and when its store cannot be reached.
#include "unit/redis/lane_bench.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(lane, gives_up_a_connection_that_stands_still) {
  counting shop;
  request& patient = shop.bench.ask("a", 1, 10s);
  shop.pass(1999ms);
  EXPECT_EQ(shop.bench.link.now(), wire::state::open);
  shop.pass(1ms);
  EXPECT_EQ(shop.bench.link.now(), wire::state::closed);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::lost));
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(patient.range(), (turn_range{1, 1}));
}

TEST(lane, has_patience_as_long_as_something_comes) {
  counting shop;
  for (const std::string_view id : {"a", "b", "c"})
    shop.bench.ask(id, 1, 10s);
  for (int i = 0; i < 3; ++i) {
    shop.pass(1500ms);
    shop.bench.execute();
    shop.bench.deliver();
  }
  for (const request& each : shop.bench.requests)
    EXPECT_EQ(each.range(), (turn_range{1, 1}));
}

TEST(lane, counts_a_stall_from_the_first_command_that_waits) {
  counting shop;
  shop.pass(1900ms);  // idle
  shop.bench.ask("a", 1, 10s);
  shop.pass(1999ms);
  EXPECT_EQ(shop.bench.link.now(), wire::state::open);
}

TEST(lane, asks_for_a_sign_of_life_when_it_is_idle) {
  counting shop;
  shop.store.keep_log();
  shop.pass(1999ms);
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(), IsEmpty());
  shop.pass(1ms);
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(), ElementsAre("PING"));
  shop.pass(2s);
  EXPECT_TRUE(shop.bench.execute()) << "and again";
  shop.pass(2s);
  EXPECT_EQ(shop.bench.link.now(), wire::state::closed) << "there was no answer";
}

TEST(lane, gives_up_an_attempt_that_takes_too_long) {
  workshop shop;
  lane_bench bench{shop};
  shop.pass(1ms);
  ASSERT_EQ(bench.link.now(), wire::state::opening);
  shop.pass(998ms);
  EXPECT_EQ(bench.link.openings, 1);
  shop.pass(1ms);
  EXPECT_THAT(bench.events.failures, ElementsAre(store_failure::connect));
}

TEST(lane, waits_longer_from_attempt_to_attempt_and_not_again_after_a_success) {
  workshop shop;
  const backoff_settings wide{64ms, 1024ms};
  backoff expected{wide, 1};
  lane_bench bench{shop, {.tuning = {.reconnect = wide}, .breaker = {.consecutive_failures = 0}}};
  shop.pass(0ms);
  for (int attempt = 0; attempt < 6; ++attempt) {
    ASSERT_EQ(bench.link.now(), wire::state::opening);
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

// ---- the breaker

// Refuses connections until the breaker opens.
void refuse_five(workshop& shop, lane_bench& bench) {
  for (int i = 0; i < 5; ++i) {
    while (bench.link.now() == wire::state::closed)
      shop.pass_to(std::max(shop.now, bench.tested.wake_at()));
    bench.refuse();
  }
}

TEST(lane, opens_the_breaker_when_five_connections_were_refused) {
  workshop shop;
  lane_bench bench{shop};
  request& waits = bench.ask("a", 1, 10s);
  refuse_five(shop, bench);
  EXPECT_EQ(bench.breaker.state(), breaker_state::open);
  EXPECT_EQ(waits.error(), errc::breaker_open) << "those who wait are told";
  EXPECT_EQ(bench.ask("a").error(), errc::breaker_open);
  EXPECT_THAT(bench.events.failures, Each(store_failure::connect));
}

TEST(lane, tries_only_when_the_breaker_probes) {
  workshop shop;
  lane_bench bench{shop};
  refuse_five(shop, bench);
  const int openings = bench.link.openings;
  const time_point probe = bench.breaker.wake_at().value();
  shop.pass_to(probe - 1ns);
  EXPECT_EQ(bench.link.openings, openings);
  shop.pass_to(probe);
  EXPECT_EQ(bench.link.openings, openings + 1);
  EXPECT_EQ(bench.breaker.state(), breaker_state::half_open);
  bench.refuse();
  EXPECT_EQ(bench.breaker.state(), breaker_state::open);
}

TEST(lane, closes_the_breaker_when_it_may_count_again) {
  workshop shop;
  lane_bench bench{shop};
  refuse_five(shop, bench);
  shop.pass_to(bench.breaker.wake_at().value());
  bench.accept();
  EXPECT_EQ(bench.breaker.state(), breaker_state::half_open) << "a socket is not enough";
  bench.exchange();
  EXPECT_EQ(bench.breaker.state(), breaker_state::closed);
  request& served = bench.ask("a");
  bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{1, 1}));
}

TEST(lane, fails_a_probe_that_is_not_answered) {
  workshop shop;
  lane_bench bench{shop};
  refuse_five(shop, bench);
  shop.pass_to(bench.breaker.wake_at().value());
  bench.accept();
  shop.pass(300ms);
  EXPECT_EQ(bench.breaker.state(), breaker_state::open);
  bench.exchange();
  EXPECT_TRUE(bench.counts()) << "the greeting goes on";
  EXPECT_EQ(bench.breaker.state(), breaker_state::open) << "it came too late for the probe";
  shop.pass_to(bench.breaker.wake_at().value());
  bench.exchange();
  EXPECT_EQ(bench.breaker.state(), breaker_state::closed) << "the next one is a PING";
}

TEST(lane, probes_a_standing_connection_with_a_ping) {
  counting shop;
  shop.store.refuse_calls("MISCONF Redis is configured to save RDB snapshots");
  for (int i = 0; i < 5; ++i)
    shop.bench.ask("id" + std::to_string(i));
  shop.bench.exchange();
  ASSERT_EQ(shop.bench.breaker.state(), breaker_state::open);
  shop.store.keep_log();
  shop.pass_to(shop.bench.breaker.wake_at().value());
  shop.bench.exchange();
  EXPECT_THAT(shop.store.take_log(), ElementsAre("PING")) << "it takes no turn";
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
}

TEST(lane, fails_a_probe_that_is_refused) {
  counting shop;
  shop.store.set_mood(model_store::mood::busy);
  for (int i = 0; i < 5; ++i)
    shop.bench.ask("id" + std::to_string(i));
  shop.bench.exchange();
  shop.pass_to(shop.bench.breaker.wake_at().value());
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
}

TEST(lane, counts_one_failure_for_all_that_end_at_one_deadline) {
  counting shop;
  for (int i = 0; i < 10; ++i)
    shop.bench.ask("id" + std::to_string(i), 1, 100ms);
  shop.pass(100ms);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::deadline));
}

// They asked at the same moment, and would ask again at the same moment: only that the store is
// silent tells that it stands still.
TEST(lane, opens_the_breaker_20_ms_after_a_deadline_in_a_silent_store) {
  counting shop;
  for (int i = 0; i < 10; ++i)
    shop.bench.ask("id" + std::to_string(i), 1, 100ms);
  shop.pass(119ms);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
  shop.pass(1ms);
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  EXPECT_EQ(shop.bench.events.failures.size(), 5U);
}

TEST(lane, counts_one_failure_for_a_deadline_behind_which_the_store_is_heard) {
  counting shop;
  shop.bench.ask("a", 1, 100ms);
  shop.pass(104ms);
  shop.bench.exchange();
  shop.pass(1s);
  EXPECT_THAT(shop.bench.events.failures, ElementsAre(store_failure::deadline));
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::closed);
}

TEST(lane, does_not_count_a_store_as_silent_to_which_nothing_was_sent) {
  workshop shop;
  lane_bench bench{shop};
  bench.ask("a", 1, 100ms);
  for (int i = 0; i < 2; ++i) {
    shop.pass(50ms);
    if (bench.link.now() == wire::state::opening)
      bench.refuse();
  }
  const auto failed = bench.events.failures.size();
  bench.open_connection();
  shop.pass(90ms);
  EXPECT_EQ(bench.events.failures.size(), failed) << "the greeting is on its way";
}

TEST(lane, does_not_count_a_silent_store_for_ever_where_nothing_opens) {
  workshop shop;
  lane_bench bench{shop, {.tuning = {.stall_timeout = 1h}, .breaker = {.consecutive_failures = 0}}};
  bench.connect();
  bench.breaker.set_mode(breaker_mode::disabled, shop.now);
  bench.ask("a", 1, 100ms);
  shop.pass(10s);
  EXPECT_LE(bench.events.failures.size(), 101U);
}

TEST(lane, keeps_the_account_of_a_batch_while_the_breaker_is_open) {
  counting shop;
  shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  for (int i = 0; i < 4; ++i) {
    shop.pass_to(shop.bench.tested.wake_at());
    shop.bench.refuse();
  }
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  shop.pass_to(shop.bench.breaker.wake_at().value());
  shop.bench.connect();
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline) + shop.bench.requests.front().range().count,
            3U);
}

// ---- peek and ping

TEST(lane, peeks_at_a_counter_without_taking_a_turn) {
  counting shop;
  shop.bench.ask("a", 41);
  shop.bench.exchange();
  peek_request counted{"a"};
  peek_request unknown{"b"};
  shop.bench.peek(counted);
  shop.bench.peek(unknown);
  shop.bench.exchange();
  EXPECT_EQ(counted.outcome.value().value(), 41U);
  EXPECT_EQ(unknown.outcome.value().value(), 0U);
  EXPECT_EQ(shop.store.turns_taken(), 41U);
}

TEST(lane, does_not_peek_beyond_the_last_turn) {
  counting shop;
  shop.store.set_value("a", turn_max + 5);  // the fast guarantee goes beyond it
  peek_request seen{"a"};
  shop.bench.peek(seen);
  shop.bench.exchange();
  EXPECT_EQ(seen.outcome.value().value(), turn_max);
}

TEST(lane, sees_nothing_in_what_is_no_number) {
  counting shop;
  for (const std::string_view answer :
       {"$3\r\n1x2\r\n", "$0\r\n\r\n", ":5\r\n", "-ERR no\r\n", "*0\r\n"}) {
    peek_request seen{"a"};
    shop.bench.peek(seen);
    shop.bench.deliver_bytes(answer);
    EXPECT_EQ(seen.outcome.value().error(), make_error_code(errc::unavailable)) << answer;
  }
}

TEST(lane, answers_a_ping) {
  counting shop;
  ping_request alive;
  shop.bench.ping(alive);
  EXPECT_FALSE(alive.outcome);
  shop.bench.exchange();
  EXPECT_TRUE(alive.outcome.value().has_value());

  shop.store.set_mood(model_store::mood::loading);
  ping_request loading;
  shop.bench.ping(loading);
  shop.bench.exchange();
  EXPECT_EQ(loading.outcome.value().error(), make_error_code(errc::unavailable));
}

TEST(lane, ends_single_commands_at_their_deadlines) {
  counting shop;
  peek_request peek{"a"};
  ping_request early;
  ping_request late;
  peek.deadline = shop.now + 10ms;
  early.deadline = shop.now + 10ms;
  late.deadline = shop.now + 20ms;
  shop.bench.peek(peek);
  shop.bench.ping(early);
  shop.bench.ping(late);
  shop.pass(10ms);
  ASSERT_TRUE(peek.outcome && early.outcome);
  EXPECT_EQ(peek.outcome->error(), errc::deadline_passed);
  EXPECT_EQ(early.outcome->error(), errc::deadline_passed);
  EXPECT_FALSE(late.outcome);
  shop.bench.exchange();
  EXPECT_TRUE(late.outcome && late.outcome->has_value());
  EXPECT_TRUE(shop.bench.counts());
}

// Who is told may ask again at once.
TEST(lane, may_be_asked_again_from_where_a_look_ended) {
  struct again final : ping_operation {
    explicit again(lane_bench& whom) : bench{whom} {}
    void complete(result_type) noexcept override {
      for (ping_request& each : more)
        bench.ping(each);
    }
    lane_bench& bench;
    std::array<ping_request, 700> more;
  };
  counting shop;
  again first{shop.bench};
  again second{shop.bench};
  first.deadline = shop.now + 10ms;
  second.deadline = shop.now + 10ms;
  shop.bench.tested.ping(first, shop.now);
  shop.bench.tested.ping(second, shop.now);
  shop.pass(10ms);
  shop.bench.exchange();
  EXPECT_TRUE(first.more.back().outcome && second.more.back().outcome);
}

TEST(lane, ends_single_commands_when_the_connection_does) {
  counting shop;
  ping_request alive;
  peek_request seen{"a"};
  shop.bench.ping(alive);
  shop.bench.peek(seen);
  shop.bench.cut();
  EXPECT_EQ(alive.outcome.value().error(), make_error_code(errc::unavailable));
  EXPECT_EQ(seen.outcome.value().error(), make_error_code(errc::unavailable));
}

}  // namespace
}  // namespace turnomatic::redis
