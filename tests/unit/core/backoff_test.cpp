#include "core/backoff.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Ge;
using testing::Gt;
using testing::Le;
using testing::Lt;

struct extremes {
  duration shortest{1h};
  duration longest{0s};
};

/// Over many back-offs, of the wait after `failures` others.
extremes of_wait(int failures, const backoff_settings& settings = {}) {
  extremes seen;
  for (std::minstd_rand::result_type seed = 1; seed <= 1000; ++seed) {
    backoff tested{settings, seed * 2'000'003};
    for (int i = 0; i < failures; ++i)
      (void)tested.next();
    const duration wait = tested.next();
    seen.shortest = std::min(seen.shortest, wait);
    seen.longest = std::max(seen.longest, wait);
  }
  return seen;
}

TEST(backoff, draws_each_wait_from_nothing_to_a_ceiling_that_doubles_up_to_the_most) {
  int failures = 0;
  for (const duration ceiling : {50ms, 100ms, 200ms, 400ms, 500ms, 500ms}) {
    const extremes seen = of_wait(failures++);
    EXPECT_THAT(seen.longest, AllOf(Gt(ceiling * 98 / 100), Le(ceiling))) << failures;
    EXPECT_THAT(seen.shortest, AllOf(Ge(1ms), Lt(1ms + ceiling / 50))) << failures;
  }
}

TEST(backoff, waits_a_millisecond_at_least) {
  EXPECT_EQ(of_wait(0, {.min = 10us, .max = 10us}).shortest, 1ms);
  EXPECT_EQ(of_wait(0).shortest, 1ms);
}

TEST(backoff, keeps_to_the_most_however_often_it_fails) {
  backoff tested{{}, 1};
  for (int i = 0; i < 1000; ++i)
    EXPECT_LE(tested.next(), 500ms);
}

TEST(backoff, starts_from_the_least_once_reset) {
  backoff tested{{}, 1};
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 10; ++i)
      (void)tested.next();
    tested.reset();
    EXPECT_LE(tested.next(), 50ms);
  }
}

TEST(backoff, keeps_to_other_limits_from_the_next_wait_on) {
  for (std::minstd_rand::result_type seed = 1; seed <= 100; ++seed) {
    backoff tested{{}, seed * 2'000'003};
    for (int i = 0; i < 10; ++i)
      (void)tested.next();
    tested.apply({1ms, 2ms});
    EXPECT_LE(tested.next(), 2ms);
    tested.apply({10s, 20s});
    (void)tested.next();
    tested.reset();
    EXPECT_LE(tested.next(), 10s);
  }
}

TEST(backoff, of_another_seed_waits_otherwise) {
  backoff one{{}, 111'111'111};
  backoff other{{}, 222'222'223};
  EXPECT_NE(one.next(), other.next());
}

}  // namespace
}  // namespace turnomatic
