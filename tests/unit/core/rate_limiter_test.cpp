#include "core/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

TEST(rate_limiter, admits_the_first_event_and_then_one_an_interval) {
  rate_limiter limiter{5s};
  EXPECT_EQ(limiter.admit(start), 0U);
  EXPECT_EQ(limiter.admit(start), std::nullopt);
  EXPECT_EQ(limiter.admit(start + 4999ms), std::nullopt);
  EXPECT_EQ(limiter.admit(start + 5s), 2U) << "and says how many it stands for";
  EXPECT_EQ(limiter.admit(start + 10s), 0U);
}

TEST(rate_limiter, admits_the_first_event_at_the_beginning_of_the_clock) {
  rate_limiter limiter{5s};
  EXPECT_EQ(limiter.admit(time_point{}), 0U);
}

TEST(rate_limiter, admits_a_burst_and_no_event_more) {
  rate_limiter limiter{1s, 3};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(limiter.admit(start), 0U);
  EXPECT_EQ(limiter.admit(start), std::nullopt);
  EXPECT_EQ(limiter.admit(start + 999ms), std::nullopt);
  EXPECT_EQ(limiter.admit(start + 1s), 2U);
  EXPECT_EQ(limiter.admit(start + 1s), std::nullopt);
}

TEST(rate_limiter, saves_up_no_more_than_a_burst) {
  rate_limiter limiter{1s, 3};
  EXPECT_EQ(limiter.admit(start), 0U);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(limiter.admit(start + 1h), 0U);
  EXPECT_EQ(limiter.admit(start + 1h), std::nullopt);
}

TEST(rate_limiter, admits_at_its_rate_whatever_comes) {
  rate_limiter limiter{1s, 10};
  std::uint64_t admitted = 0;
  std::uint64_t told = 0;
  for (auto passed = 0ms; passed < 60s; passed += 1ms) {
    if (const auto left_out = limiter.admit(start + passed)) {
      ++admitted;
      told += *left_out + 1;
    }
  }
  EXPECT_EQ(admitted, 69U);
  EXPECT_EQ(told, 59'001U) << "none is forgotten up to the last that was admitted";
}

TEST(rate_limiter, tells_of_what_it_left_out_even_if_nothing_more_comes) {
  rate_limiter limiter{5s};
  EXPECT_EQ(limiter.overdue(start), 0U) << "nothing was left out";
  EXPECT_EQ(limiter.admit(start), 0U);
  EXPECT_EQ(limiter.admit(start + 1s), std::nullopt);
  EXPECT_EQ(limiter.overdue(start + 6s - 1ns), 0U) << "not yet";
  EXPECT_EQ(limiter.overdue(start + 6s), 1U);
  EXPECT_EQ(limiter.overdue(start + 20s), 0U) << "told already";
  EXPECT_EQ(limiter.admit(start + 20s), 0U);
}

// A line that has the number and not the reason would stand where the reason is looked for.
TEST(rate_limiter, leaves_the_place_of_a_number_to_the_next_event_while_they_come) {
  rate_limiter limiter{5s};
  std::uint64_t told = 0;
  int admitted = 0;
  for (duration passed{}; passed < 60s; passed += 250ms) {
    if (const auto left_out = limiter.admit(start + passed)) {
      ++admitted;
      told += *left_out;
    }
    EXPECT_EQ(limiter.overdue(start + passed), 0U);
  }
  EXPECT_EQ(admitted, 12);
  EXPECT_EQ(told, 11U * 19U);
}

TEST(rate_limiter, admits_no_more_for_several_threads_together) {
  constexpr std::uint64_t events_each = 10'000;
  rate_limiter limiter{1s, 5};
  std::atomic<std::uint64_t> admitted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (std::uint64_t event = 0; event < events_each; ++event)
          admitted += limiter.admit(start) ? 1U : 0U;
      });
  }
  EXPECT_EQ(admitted, 5U);
  EXPECT_EQ(limiter.admit(start + 1s).value_or(0), 4 * events_each - 5);
}

}  // namespace
}  // namespace turnomatic
