#include "core/retry_budget.hpp"

#include <gtest/gtest.h>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

const time_point start{1000s};
constexpr retry_budget_settings without_minimum{.minimum_per_second = 0};

void deposit(retry_budget& budget, int count) {
  for (int i = 0; i < count; ++i)
    budget.deposit();
}

/// How many retries are allowed at once.
int spend(retry_budget& budget, time_point now) {
  int count = 0;
  while (budget.withdraw(now))
    ++count;
  return count;
}

TEST(retry_budget, starts_with_what_one_second_brings) {
  retry_budget budget{{}, start};
  EXPECT_EQ(budget.tokens(start), 10U);
  EXPECT_EQ(spend(budget, start), 10);
}

TEST(retry_budget, starts_with_its_cap_at_most) {
  retry_budget budget{{.minimum_per_second = 10, .cap = 3}, start};
  EXPECT_EQ(spend(budget, start), 3);
}

TEST(retry_budget, allows_one_retry_for_five_first_sendings) {
  retry_budget budget{without_minimum, start};
  deposit(budget, 4);
  EXPECT_FALSE(budget.withdraw(start));
  deposit(budget, 1);
  EXPECT_TRUE(budget.withdraw(start));
  EXPECT_FALSE(budget.withdraw(start));
}

TEST(retry_budget, loses_nothing_to_rounding) {
  retry_budget budget{{.ratio_percent = 1, .minimum_per_second = 0}, start};
  deposit(budget, 9999);
  EXPECT_EQ(spend(budget, start), 99);
  deposit(budget, 1);
  EXPECT_EQ(spend(budget, start), 1);
}

TEST(retry_budget, holds_a_share_of_the_load_through_a_storm) {
  retry_budget budget{without_minimum, start};
  int retries = 0;
  for (int i = 0; i < 10'000; ++i) {
    budget.deposit();
    retries += budget.withdraw(start) ? 1 : 0;
  }
  EXPECT_EQ(retries, 2000);
}

TEST(retry_budget, saves_up_to_its_cap) {
  retry_budget budget{without_minimum, start};
  deposit(budget, 499);
  EXPECT_EQ(budget.tokens(start), 99U);
  deposit(budget, 1);
  EXPECT_EQ(budget.tokens(start), 100U);
  deposit(budget, 1000);
  EXPECT_EQ(spend(budget, start), 100);
}

TEST(retry_budget, gains_a_token_each_tenth_of_a_second) {
  retry_budget budget{{}, start};
  ASSERT_EQ(spend(budget, start), 10);
  EXPECT_FALSE(budget.withdraw(start + 100ms - 1ns));
  EXPECT_TRUE(budget.withdraw(start + 100ms));
  EXPECT_FALSE(budget.withdraw(start + 200ms - 1ns));
  EXPECT_TRUE(budget.withdraw(start + 200ms));
}

TEST(retry_budget, gains_its_cap_at_most_however_long_it_waits) {
  retry_budget budget{{}, start};
  ASSERT_EQ(spend(budget, start), 10);
  EXPECT_EQ(budget.tokens(start + 10s - 1ns), 99U);
  EXPECT_EQ(budget.tokens(start + 10s), 100U);
  EXPECT_EQ(budget.tokens(start + 24h * 365 * 100), 100U);
  EXPECT_EQ(spend(budget, start + 24h * 365 * 100), 100);
}

TEST(retry_budget, gains_nothing_with_time_without_a_minimum) {
  retry_budget budget{without_minimum, start};
  EXPECT_FALSE(budget.withdraw(start + 1h));
}

TEST(retry_budget, adds_what_time_and_first_sendings_bring) {
  retry_budget budget{{}, start};
  ASSERT_EQ(spend(budget, start), 10);
  deposit(budget, 10);
  EXPECT_EQ(spend(budget, start + 1s), 12);
}

TEST(retry_budget, gains_no_time_twice_from_a_clock_reading_that_is_a_little_old) {
  retry_budget budget{{}, start};
  ASSERT_EQ(spend(budget, start + 1s), 20);
  EXPECT_FALSE(budget.withdraw(start));
  EXPECT_FALSE(budget.withdraw(start + 1s));
}

}  // namespace
}  // namespace turnomatic
