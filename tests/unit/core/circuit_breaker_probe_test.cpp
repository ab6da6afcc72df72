#include "core/circuit_breaker.hpp"
#include "unit/core/breaker_bench.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;

auto around(duration open_time) {
  return AllOf(Ge(open_time * 8 / 10), Le(open_time * 12 / 10));
}

TEST(circuit_breaker_probe, is_not_due_while_the_breaker_is_closed) {
  breaker_bench bench;
  bench.fail(4);
  EXPECT_FALSE(bench.breaker.probe_due(bench.now + 1h));
}

TEST(circuit_breaker_probe, is_due_once_when_the_open_time_is_over) {
  breaker_bench bench;
  bench.open();
  const time_point end = bench.breaker.wake_at().value();
  EXPECT_FALSE(bench.breaker.probe_due(end - 1ns));
  EXPECT_EQ(bench.state(), breaker_state::open);
  const auto probe = bench.breaker.probe_due(end);
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->deadline, end + 300ms);
  EXPECT_EQ(bench.state(), breaker_state::half_open);
  EXPECT_FALSE(bench.breaker.probe_due(end));
  EXPECT_FALSE(bench.breaker.probe_due(end + 1ms));
}

TEST(circuit_breaker_probe, goes_alone) {
  breaker_bench bench;
  bench.open();
  bench.pass(1h);
  EXPECT_FALSE(bench.breaker.allows()) << "open time that is over lets no call through";
  (void)bench.half_open();
  EXPECT_FALSE(bench.breaker.allows());
}

TEST(circuit_breaker_probe, closes_when_it_succeeds_and_clears_the_window) {
  breaker_bench bench;
  bench.open();
  const probe_ticket probe = bench.half_open();
  bench.pass(1ms);
  bench.breaker.probe_succeeded(probe, bench.now);
  EXPECT_TRUE(bench.breaker.allows());
  EXPECT_EQ(bench.window(), call_counts{});
  EXPECT_EQ(bench.breaker.snapshot(bench.now).consecutive_failures, 0U);
  EXPECT_EQ(bench.breaker.snapshot(bench.now).since, bench.now);
  EXPECT_THAT(bench.told, ElementsAre("closed to open: consecutive_failures",
                                      "open to half_open: open_time_over",
                                      "half_open to closed: probe_succeeded"));
}

TEST(circuit_breaker_probe, opens_again_when_it_fails) {
  breaker_bench bench;
  bench.open();
  bench.breaker.probe_failed(bench.half_open(), bench.now);
  EXPECT_EQ(bench.state(), breaker_state::open);
  EXPECT_EQ(bench.told.back(), "half_open to open: probe_failed");
  EXPECT_EQ(bench.breaker.snapshot(bench.now).last_opening, breaker_reason::consecutive_failures);
}

TEST(circuit_breaker_probe, comes_after_twice_the_time_whenever_one_failed_up_to_the_most) {
  breaker_bench bench;
  bench.open();
  for (const duration expected : {100ms, 200ms, 400ms, 500ms, 500ms}) {
    EXPECT_THAT(bench.open_time(), around(expected));
    bench.breaker.probe_failed(bench.half_open(), bench.now);
  }
}

TEST(circuit_breaker_probe, comes_after_the_shortest_time_again_once_a_call_succeeded) {
  breaker_bench bench;
  bench.open();
  for (int i = 0; i < 5; ++i)
    bench.breaker.probe_failed(bench.half_open(), bench.now);
  bench.close();
  bench.succeed();
  bench.open();
  EXPECT_THAT(bench.open_time(), around(100ms));
}

// As a store does that is read-only: it answers a PING and takes no turn.
TEST(circuit_breaker_probe, comes_later_and_later_while_probes_succeed_and_no_call_does) {
  breaker_bench bench;
  bench.open();
  for (const duration expected : {100ms, 200ms, 400ms, 500ms, 500ms}) {
    EXPECT_THAT(bench.open_time(), around(expected));
    bench.close();
    bench.open();
  }
}

TEST(circuit_breaker_probe, comes_later_and_later_while_calls_are_slow) {
  breaker_bench bench;
  for (const duration expected : {100ms, 200ms, 400ms, 500ms}) {
    bench.succeed_slowly(bench.settings.minimum_calls);
    ASSERT_EQ(bench.state(), breaker_state::open);
    EXPECT_THAT(bench.open_time(), around(expected));
    bench.close();
  }
}

TEST(circuit_breaker_probe, comes_at_a_time_of_each_breakers_own) {
  duration shortest = 1h;
  duration longest = 0s;
  for (std::minstd_rand::result_type seed = 1; seed <= 1000; ++seed) {
    breaker_bench bench{{}, seed * 2'000'003};
    bench.open();
    ASSERT_THAT(bench.open_time(), around(100ms));
    shortest = std::min(shortest, bench.open_time());
    longest = std::max(longest, bench.open_time());
  }
  EXPECT_EQ(shortest, 80ms);
  EXPECT_EQ(longest, 120ms);
}

TEST(circuit_breaker_probe, that_never_settles_fails_at_its_deadline) {
  breaker_bench bench;
  bench.open();
  const probe_ticket probe = bench.half_open();
  bench.breaker.advance(probe.deadline - 1ns);
  EXPECT_EQ(bench.state(), breaker_state::half_open);
  bench.breaker.advance(probe.deadline);
  EXPECT_EQ(bench.state(), breaker_state::open);
  EXPECT_EQ(bench.told.back(), "half_open to open: probe_failed");
}

TEST(circuit_breaker_probe, that_never_settles_is_followed_by_another) {
  breaker_bench bench;
  bench.open();
  for (int i = 0; i < 10; ++i) {
    bench.now = bench.half_open().deadline;
    bench.breaker.advance(bench.now);
    EXPECT_FALSE(bench.breaker.probe_due(bench.now)) << "it opens first";
    EXPECT_EQ(bench.state(), breaker_state::open);
  }
}

TEST(circuit_breaker_probe, counts_until_just_before_its_deadline) {
  breaker_bench in_time;
  in_time.open();
  const probe_ticket probe = in_time.half_open();
  in_time.breaker.probe_succeeded(probe, probe.deadline - 1ns);
  EXPECT_EQ(in_time.state(), breaker_state::closed);

  breaker_bench too_late;
  too_late.open();
  const probe_ticket missed = too_late.half_open();
  too_late.breaker.probe_succeeded(missed, missed.deadline);
  EXPECT_EQ(too_late.state(), breaker_state::open);
}

TEST(circuit_breaker_probe, counts_for_nothing_once_another_is_under_way) {
  breaker_bench bench;
  bench.open();
  const probe_ticket late = bench.half_open();
  bench.breaker.probe_failed(late, bench.now);
  bench.breaker.probe_succeeded(late, bench.now);
  EXPECT_EQ(bench.state(), breaker_state::open);

  const probe_ticket current = bench.half_open();
  bench.breaker.probe_succeeded(late, bench.now);
  bench.breaker.probe_failed(late, bench.now);
  bench.breaker.probe_succeeded({}, bench.now);
  EXPECT_EQ(bench.state(), breaker_state::half_open);

  bench.breaker.probe_succeeded(current, bench.now);
  bench.breaker.probe_failed(current, bench.now);
  bench.breaker.probe_failed(late, bench.now);
  EXPECT_EQ(bench.state(), breaker_state::closed);
}

TEST(circuit_breaker_probe, tells_callers_how_long_to_wait) {
  breaker_bench bench;
  bench.open();
  const duration open_time = bench.open_time();
  EXPECT_EQ(bench.breaker.retry_in(bench.now), open_time);
  EXPECT_EQ(bench.breaker.retry_in(bench.now + open_time - 1ns), 1ns);
  EXPECT_EQ(bench.breaker.retry_in(bench.now + open_time), 0s);
  EXPECT_EQ(bench.breaker.retry_in(bench.now + 1h), 0s);

  const probe_ticket probe = bench.half_open();
  EXPECT_EQ(bench.breaker.wake_at(), probe.deadline);
  EXPECT_EQ(bench.breaker.retry_in(bench.now), 300ms);
  EXPECT_EQ(bench.breaker.retry_in(bench.now + 200ms), 100ms);
  EXPECT_EQ(bench.breaker.retry_in(bench.now + 1h), 0s);
}

TEST(circuit_breaker_probe, follows_new_settings_from_the_next_one_on) {
  breaker_bench bench;
  bench.open();
  const probe_ticket first = bench.half_open();
  bench.breaker.apply({.open_max = 150ms, .probe_deadline = 50ms});
  EXPECT_EQ(bench.breaker.wake_at(), first.deadline);
  bench.breaker.probe_failed(first, bench.now);
  EXPECT_THAT(bench.open_time(), around(150ms));
  const probe_ticket second = bench.half_open();
  EXPECT_EQ(second.deadline, bench.now + 50ms);
}

}  // namespace
}  // namespace turnomatic
