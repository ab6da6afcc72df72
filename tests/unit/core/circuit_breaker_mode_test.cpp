#include "core/circuit_breaker.hpp"
#include "unit/core/breaker_bench.hpp"

#include <gmock/gmock.h>

#include <array>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using mode = breaker_mode;

void set(breaker_bench& bench, breaker_mode to) {
  bench.breaker.set_mode(to, bench.now);
}

TEST(circuit_breaker_mode, forced_open_allows_nothing_and_does_not_probe) {
  breaker_bench bench;
  set(bench, mode::forced_open);
  EXPECT_EQ(bench.state(), breaker_state::forced_open);
  EXPECT_FALSE(bench.breaker.allows());
  EXPECT_FALSE(bench.breaker.probe_due(bench.now + 1h));
  EXPECT_EQ(bench.breaker.wake_at(), std::nullopt);
  EXPECT_EQ(bench.breaker.retry_in(bench.now + 1h), 500ms);
  EXPECT_EQ(bench.breaker.snapshot(bench.now).last_opening, breaker_reason::forced);
  EXPECT_THAT(bench.told, ElementsAre("closed to forced_open: forced"));
}

TEST(circuit_breaker_mode, disabled_allows_everything_and_counts_nothing) {
  breaker_bench bench;
  set(bench, mode::disabled);
  bench.fail(1000);
  EXPECT_EQ(bench.state(), breaker_state::disabled);
  EXPECT_TRUE(bench.breaker.allows());
  EXPECT_EQ(bench.breaker.retry_in(bench.now), 0s);
  EXPECT_EQ(bench.window(), call_counts{});
  EXPECT_EQ(bench.breaker.snapshot(bench.now).consecutive_failures, 0U);
  EXPECT_THAT(bench.told, ElementsAre("closed to disabled: forced"));
}

TEST(circuit_breaker_mode, metrics_only_allows_everything_and_decides_in_secret) {
  breaker_bench bench;
  set(bench, mode::metrics_only);
  const time_point since = bench.now;
  bench.pass(1s);
  bench.open();
  EXPECT_EQ(bench.state(), breaker_state::metrics_only);
  EXPECT_TRUE(bench.breaker.allows());
  EXPECT_EQ(bench.breaker.retry_in(bench.now), 0s);
  bench.close();
  EXPECT_EQ(bench.breaker.snapshot(bench.now).since, since);
  EXPECT_THAT(
      bench.told,
      ElementsAre("closed to metrics_only: forced", "closed to open: consecutive_failures",
                  "open to half_open: open_time_over", "half_open to closed: probe_succeeded"));
}

TEST(circuit_breaker_mode, metrics_only_counts_only_calls_of_a_closed_period) {
  breaker_bench bench;
  set(bench, mode::metrics_only);
  bench.open();
  bench.succeed(3);
  const call_ticket while_open = bench.breaker.call_sent(bench.now);
  EXPECT_EQ(bench.window().calls, 5U);
  const probe_ticket probe = bench.half_open();
  const call_ticket while_half_open = bench.breaker.call_sent(bench.now);
  bench.breaker.probe_succeeded(probe, bench.now);
  bench.breaker.call_failed(while_open, bench.now);
  bench.breaker.call_failed(while_half_open, bench.now);
  EXPECT_EQ(bench.window(), call_counts{});
}

TEST(circuit_breaker_mode, keeps_the_state_between_automatic_and_metrics_only) {
  breaker_bench bench;
  const call_ticket ticket = bench.breaker.call_sent(bench.now);
  set(bench, mode::metrics_only);
  bench.breaker.call_failed(ticket, bench.now);
  EXPECT_EQ(bench.window().failures, 1U);
  bench.open();
  const auto wake_at = bench.breaker.wake_at();
  bench.pass(1ms);
  set(bench, mode::automatic);
  EXPECT_EQ(bench.state(), breaker_state::open);
  EXPECT_EQ(bench.breaker.wake_at(), wake_at);
  EXPECT_EQ(bench.breaker.snapshot(bench.now).since, bench.now);
  EXPECT_EQ(bench.told.back(), "metrics_only to open: forced");
}

TEST(circuit_breaker_mode, that_decides_nothing_outlasts_calls_from_before_and_during) {
  for (const breaker_mode other : {mode::forced_open, mode::disabled}) {
    breaker_bench bench;
    const call_ticket before = bench.breaker.call_sent(bench.now);
    set(bench, other);
    const call_ticket during = bench.breaker.call_sent(bench.now);
    for (int i = 0; i < 100; ++i)
      bench.breaker.call_failed(before, bench.now);
    set(bench, mode::automatic);
    for (const call_ticket& late : {before, during})
      bench.breaker.call_failed(late, bench.now);
    EXPECT_EQ(bench.state(), breaker_state::closed);
    EXPECT_EQ(bench.window(), call_counts{});
  }
}

TEST(circuit_breaker_mode, that_decides_nothing_ends_a_probe) {
  for (const breaker_mode other : {mode::forced_open, mode::disabled}) {
    breaker_bench bench;
    bench.open();
    const probe_ticket probe = bench.half_open();
    set(bench, other);
    bench.told.clear();
    bench.breaker.probe_succeeded(probe, bench.now);
    bench.breaker.probe_failed(probe, bench.now);
    bench.breaker.advance(probe.deadline);
    EXPECT_THAT(bench.told, IsEmpty());
    set(bench, mode::automatic);
    bench.breaker.probe_failed(probe, bench.now);
    EXPECT_EQ(bench.state(), breaker_state::closed);
  }
}

TEST(circuit_breaker_mode, starts_closed_and_empty_after_one_that_decides_nothing) {
  for (const breaker_mode left : {mode::forced_open, mode::disabled}) {
    for (const breaker_mode entered : {mode::automatic, mode::metrics_only}) {
      breaker_bench bench;
      bench.open();
      set(bench, left);
      EXPECT_EQ(bench.breaker.wake_at(), std::nullopt);
      set(bench, entered);
      EXPECT_EQ(bench.breaker.wake_at(), std::nullopt) << "closed";
      EXPECT_TRUE(bench.breaker.allows());
      EXPECT_EQ(bench.window(), call_counts{});
      EXPECT_EQ(bench.breaker.snapshot(bench.now).consecutive_failures, 0U);
    }
  }
}

TEST(circuit_breaker_mode, changes_from_each_to_each_and_says_so) {
  constexpr std::array modes{mode::automatic, mode::forced_open, mode::disabled,
                             mode::metrics_only};
  constexpr std::array shown{breaker_state::closed, breaker_state::forced_open,
                             breaker_state::disabled, breaker_state::metrics_only};
  for (std::size_t from = 0; from < modes.size(); ++from) {
    for (std::size_t to = 0; to < modes.size(); ++to) {
      breaker_bench bench;
      set(bench, modes[from]);
      bench.told.clear();
      bench.pass(1s);
      set(bench, modes[to]);
      EXPECT_EQ(bench.state(), shown[to]);
      EXPECT_EQ(bench.breaker.snapshot(bench.now).mode, modes[to]);
      if (from == to) {
        EXPECT_THAT(bench.told, IsEmpty());
        continue;
      }
      EXPECT_EQ(bench.breaker.snapshot(bench.now).since, bench.now);
      EXPECT_THAT(bench.told,
                  ElementsAre(std::string{breaker_state_labels[index_of(shown[from])]} + " to " +
                              std::string{breaker_state_labels[index_of(shown[to])]} + ": forced"));
    }
  }
}

TEST(circuit_breaker_mode, that_is_set_already_changes_nothing) {
  breaker_bench bench;
  bench.open();
  set(bench, mode::automatic);
  EXPECT_EQ(bench.state(), breaker_state::open);
}

}  // namespace
}  // namespace turnomatic
