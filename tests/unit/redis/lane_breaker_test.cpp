// What a lane sends and refuses when its breaker opens.
#include "unit/redis/lane_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Not;
using mood = model_store::mood;

TEST(lane, opens_the_breaker_when_it_is_refused_five_times) {
  counting shop;
  shop.store.set_mood(mood::busy);
  for (int i = 0; i < 5; ++i)
    shop.bench.ask("id" + std::to_string(i));
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.breaker.state(), breaker_state::open);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(shop.bench.requests[static_cast<std::size_t>(i)].error(), errc::breaker_open);
  EXPECT_EQ(shop.bench.requests[4].error(), errc::unavailable);
  EXPECT_EQ(shop.store.turns_taken(), 0U);
}

TEST(lane, sends_nothing_again_while_the_breaker_is_open) {
  counting shop;
  request& patient = shop.bench.ask("a", 2);
  shop.bench.execute();
  shop.bench.cut();
  shop.bench.connect();
  shop.store.set_mood(mood::busy);
  while (shop.bench.breaker.state() == breaker_state::closed) {
    shop.bench.exchange();
    shop.pass(20ms);
  }
  shop.store.keep_log();
  for (int i = 0; i < 30; ++i) {
    shop.bench.exchange();
    shop.pass(10ms);
  }
  EXPECT_THAT(shop.store.take_log(), AllOf(Not(IsEmpty()), Each("PING")));
  shop.store.set_mood(mood::well);
  for (int i = 0; i < 60 && patient.completions == 0; ++i) {
    shop.pass(10ms);
    shop.bench.exchange();
  }
  EXPECT_EQ(patient.range(), (turn_range{1, 2}));
}

TEST(lane, refuses_what_waits_when_slow_answers_open_the_breaker) {
  workshop shop;
  lane_bench bench{shop, {.breaker = {.minimum_calls = 1, .slow_call = 100ms}}};
  bench.connect();
  const request& slow = bench.ask("a");
  const request& waiting = bench.ask("a");
  shop.pass(100ms);
  bench.exchange();
  EXPECT_EQ(slow.range(), (turn_range{1, 1}));
  EXPECT_EQ(bench.breaker.state(), breaker_state::open);
  EXPECT_EQ(waiting.error(), errc::breaker_open);
  EXPECT_EQ(shop.store.turns_taken(), 1U);
}

// An instance whose breakers are forced open may be told to end, and waits for what is not known.
TEST(lane, finds_out_what_became_of_takes_while_the_breaker_is_forced_open) {
  counting shop;
  const request& late = shop.bench.ask("a", 3, 100ms);
  shop.bench.execute();
  shop.bench.cut();
  shop.pass(100ms);
  EXPECT_EQ(late.error(), errc::outcome_unknown);
  shop.bench.open_connection();
  shop.bench.breaker.set_mode(breaker_mode::forced_open, shop.now);
  shop.bench.exchange();
  EXPECT_EQ(shop.bench.burned(burn_reason::deadline), 3U);
  EXPECT_EQ(shop.bench.tested.under_way(), 0U);
  EXPECT_EQ(shop.store.turns_taken(), 3U);
}

TEST(lane, refuses_what_waits_when_an_operator_opens_the_breaker) {
  counting shop;
  const request& under_way = shop.bench.ask("a");
  const request& waiting = shop.bench.ask("a");
  shop.bench.breaker.set_mode(breaker_mode::forced_open, shop.now);
  shop.bench.tested.pump(shop.now);
  shop.bench.exchange();
  EXPECT_EQ(under_way.range(), (turn_range{1, 1})) << "it had been sent";
  EXPECT_EQ(waiting.error(), errc::breaker_open);
  shop.store.keep_log();
  shop.pass(1s);
  EXPECT_FALSE(shop.bench.execute()) << "not even a probe";
  shop.bench.breaker.set_mode(breaker_mode::automatic, shop.now);
  const request& served = shop.bench.ask("a");
  shop.bench.exchange();
  EXPECT_EQ(served.range(), (turn_range{2, 1}));
}

}  // namespace
}  // namespace turnomatic::redis
