#include "core/circuit_breaker.hpp"

#include "unit/core/breaker_bench.hpp"

#include <gmock/gmock.h>

#include <ostream>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// Rates are looked at without the fast trip, which would come first.
constexpr breaker_settings rates_only{.consecutive_failures = 0};

struct calls_case {
  const char* name;
  unsigned fast;
  unsigned slow;
  unsigned failed;
  std::optional<breaker_reason> opens{};

  friend std::ostream& operator<<(std::ostream& out, const calls_case& which) {
    return out << which.name;
  }
};

class circuit_breaker_rates : public testing::TestWithParam<calls_case> {};

TEST_P(circuit_breaker_rates, open_at_or_above_their_thresholds) {
  breaker_bench bench{rates_only};
  bench.succeed(GetParam().fast);
  bench.succeed_slowly(GetParam().slow);
  bench.fail(GetParam().failed);
  EXPECT_EQ(bench.breaker.snapshot(bench.now).last_opening, GetParam().opens);
  EXPECT_EQ(bench.breaker.allows(), !GetParam().opens.has_value());
}

INSTANTIATE_TEST_SUITE_P(
    calls, circuit_breaker_rates,
    testing::Values(calls_case{"no_call", 0, 0, 0},  //
                    calls_case{"too_few_to_judge_failures", 0, 0, 19},
                    calls_case{"enough_to_judge_failures", 0, 0, 20, breaker_reason::failure_rate},
                    calls_case{"below_half_of_the_fewest", 11, 0, 9},
                    calls_case{"half_of_the_fewest", 10, 0, 10, breaker_reason::failure_rate},
                    calls_case{"just_below_half_of_many", 1001, 0, 1000},
                    calls_case{"half_of_many", 1000, 0, 1000, breaker_reason::failure_rate},
                    calls_case{"too_few_to_judge_slowness", 0, 19, 0},
                    calls_case{"enough_to_judge_slowness", 0, 20, 0, breaker_reason::slow_rate},
                    calls_case{"fewer_slow_than_four_in_five", 5, 15, 0},
                    calls_case{"four_in_five_slow", 4, 16, 0, breaker_reason::slow_rate},
                    calls_case{"just_below_four_in_five_of_many", 201, 800, 0},
                    calls_case{"slow_and_failed_are_not_added_up", 0, 15, 14}),
    [](const auto& tested) { return tested.param.name; });

TEST(circuit_breaker, is_closed_and_allows_calls_at_first) {
  const breaker_bench bench;
  EXPECT_EQ(bench.state(), breaker_state::closed);
  EXPECT_TRUE(bench.breaker.allows());
  EXPECT_EQ(bench.breaker.retry_in(bench.now), 0s);
  EXPECT_EQ(bench.breaker.wake_at(), std::nullopt);
}

TEST(circuit_breaker, opens_after_five_failures_in_a_row) {
  breaker_bench bench;
  bench.fail(4);
  EXPECT_TRUE(bench.breaker.allows());
  bench.fail();
  EXPECT_FALSE(bench.breaker.allows());
  EXPECT_THAT(bench.told, ElementsAre("closed to open: consecutive_failures"));
}

TEST(circuit_breaker, begins_the_row_anew_after_any_success) {
  breaker_bench bench;
  bench.fail(4);
  bench.succeed();
  bench.fail(4);
  bench.succeed_slowly();
  bench.fail(4);
  EXPECT_TRUE(bench.breaker.allows());
  bench.fail();
  EXPECT_FALSE(bench.breaker.allows());
}

TEST(circuit_breaker, opens_at_a_success_that_makes_the_calls_enough_to_judge_by) {
  breaker_bench bench{rates_only};
  bench.fail(19);
  bench.succeed();
  EXPECT_THAT(bench.told, ElementsAre("closed to open: failure_rate"));
}

TEST(circuit_breaker, never_opens_by_what_is_switched_off) {
  breaker_bench bench{
      {.minimum_calls = 0, .failure_percent = 0, .slow_percent = 0, .consecutive_failures = 0}};
  bench.fail(100);
  EXPECT_TRUE(bench.breaker.allows());
  bench.succeed_slowly(900);
  EXPECT_TRUE(bench.breaker.allows());
}

TEST(circuit_breaker, judges_by_one_call_if_no_minimum_is_set) {
  breaker_bench bench{{.minimum_calls = 0, .consecutive_failures = 0}};
  bench.fail();
  EXPECT_FALSE(bench.breaker.allows());
}

TEST(circuit_breaker, takes_a_success_for_slow_from_half_a_second_on) {
  breaker_bench bench;
  bench.succeed_after(500ms - 1ns);
  EXPECT_EQ(bench.window(), (call_counts{.calls = 1}));
  bench.succeed_after(500ms);
  EXPECT_EQ(bench.window(), (call_counts{.calls = 2, .slow = 1}));
}

TEST(circuit_breaker, counts_a_failure_once_however_long_it_took) {
  breaker_bench bench;
  bench.breaker.call_failed(bench.breaker.call_sent(bench.now - 1s), bench.now);
  EXPECT_EQ(bench.window(), (call_counts{.calls = 1, .failures = 1}));
}

TEST(circuit_breaker, opens_by_failures_on_both_sides_of_a_bucket_border) {
  breaker_bench bench{rates_only};
  bench.pass(1s - 1ns);
  bench.fail(10);
  bench.pass(1ns);
  bench.fail(9);
  EXPECT_TRUE(bench.breaker.allows());
  bench.fail();
  EXPECT_FALSE(bench.breaker.allows());
}

TEST(circuit_breaker, opens_by_failures_that_the_window_still_holds) {
  breaker_bench bench{rates_only};
  bench.fail(19);
  bench.pass(10s - 1ns);
  bench.fail();
  EXPECT_FALSE(bench.breaker.allows());
}

TEST(circuit_breaker, does_not_open_by_failures_that_have_left_the_window) {
  breaker_bench bench{rates_only};
  bench.fail(19);
  bench.pass(10s);
  bench.fail();
  EXPECT_TRUE(bench.breaker.allows());
}

TEST(circuit_breaker, counts_nothing_that_was_sent_in_an_earlier_closed_period) {
  breaker_bench bench;
  const call_ticket early = bench.breaker.call_sent(bench.now);
  bench.open();
  bench.close();
  for (int i = 0; i < 100; ++i)
    bench.breaker.call_failed(early, bench.now);
  EXPECT_EQ(bench.window(), call_counts{});
  EXPECT_TRUE(bench.breaker.allows());

  bench.fail(4);
  bench.breaker.call_succeeded(early, bench.now);
  EXPECT_EQ(bench.breaker.snapshot(bench.now).consecutive_failures, 4U);
}

TEST(circuit_breaker, counts_nothing_that_comes_back_while_it_is_open_or_half_open) {
  breaker_bench bench;
  const call_ticket early = bench.breaker.call_sent(bench.now);
  bench.open();
  const call_counts at_opening = bench.window();
  bench.breaker.call_succeeded(early, bench.now);
  EXPECT_EQ(bench.window(), at_opening);
  (void)bench.half_open();
  bench.breaker.call_failed(early, bench.now);
  EXPECT_EQ(bench.window(), at_opening);
  EXPECT_EQ(bench.state(), breaker_state::half_open);
}

TEST(circuit_breaker, counts_nothing_that_it_gave_no_ticket_for) {
  breaker_bench bench;
  for (int i = 0; i < 100; ++i)
    bench.breaker.call_failed({}, bench.now);
  EXPECT_EQ(bench.window(), call_counts{});
}

TEST(circuit_breaker, shows_itself_whole) {
  breaker_bench bench;
  bench.succeed();
  bench.succeed_slowly();
  bench.pass(1s);
  bench.open();
  const time_point opened = bench.now;
  const duration open_time = bench.open_time();
  bench.pass(30ms);

  const breaker_snapshot seen = bench.breaker.snapshot(bench.now);
  EXPECT_EQ(seen.state, breaker_state::open);
  EXPECT_EQ(seen.mode, breaker_mode::automatic);
  EXPECT_EQ(seen.since, opened);
  EXPECT_EQ(seen.window, (call_counts{.calls = 7, .failures = 5, .slow = 1}));
  EXPECT_EQ(seen.window.failure_percent(), 71U);
  EXPECT_EQ(seen.window.slow_percent(), 14U);
  EXPECT_EQ(seen.consecutive_failures, 5U);
  EXPECT_EQ(seen.retry_in, open_time - 30ms);
  EXPECT_EQ(seen.last_opening, breaker_reason::consecutive_failures);
}

// While it is open nothing is counted, and the window moves on.
TEST(circuit_breaker, shows_what_opened_it_for_as_long_as_it_is_open) {
  breaker_bench bench;
  bench.open();
  const call_counts opened_by = bench.window();
  EXPECT_EQ(opened_by.failure_percent(), 100U);
  for (int i = 0; i < 30; ++i) {
    bench.breaker.probe_failed(bench.half_open(), bench.now);
    bench.pass(1s);
    EXPECT_EQ(bench.window(), opened_by);
    EXPECT_EQ(bench.breaker.snapshot(bench.now).last_opening, breaker_reason::consecutive_failures);
  }
  bench.breaker.probe_succeeded(bench.half_open(), bench.now);
  EXPECT_EQ(bench.window(), call_counts{});
}

TEST(circuit_breaker, counts_its_openings_by_calls_and_by_probes) {
  breaker_bench bench;
  bench.open();
  bench.breaker.probe_failed(bench.half_open(), bench.now);
  bench.close();
  bench.breaker.set_mode(breaker_mode::forced_open, bench.now);
  EXPECT_EQ(bench.breaker.snapshot(bench.now).openings, 2U);
}

TEST(circuit_breaker, applies_new_settings_to_the_calls_it_has_counted) {
  breaker_bench bench{rates_only};
  bench.fail(10);
  bench.breaker.apply({.minimum_calls = 11, .consecutive_failures = 0});
  EXPECT_TRUE(bench.breaker.allows());
  bench.fail();
  EXPECT_FALSE(bench.breaker.allows());
}

TEST(circuit_breaker, counts_anew_when_the_length_of_the_window_changes) {
  breaker_bench bench{rates_only};
  bench.fail(19);
  bench.breaker.apply({.window = 20s, .consecutive_failures = 0});
  EXPECT_EQ(bench.window(), call_counts{});
  bench.fail(19);
  bench.pass(19s);
  bench.fail();
  EXPECT_FALSE(bench.breaker.allows());
}

TEST(circuit_breaker, keeps_its_state_and_its_times_when_settings_change) {
  breaker_bench bench;
  bench.open();
  const auto wake_at = bench.breaker.wake_at();
  bench.breaker.apply({.open_min = 1s, .open_max = 2s});
  EXPECT_EQ(bench.state(), breaker_state::open);
  EXPECT_EQ(bench.breaker.wake_at(), wake_at);
}

}  // namespace
}  // namespace turnomatic
