#include "core/call_window.hpp"

#include <gtest/gtest.h>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

// A border between two buckets of a second.
const time_point start{1000s};

TEST(call_window, is_empty_at_first) {
  EXPECT_EQ(call_window{10s}.counts(start), call_counts{});
}

TEST(call_window, counts_each_outcome_as_a_call) {
  call_window window{10s};
  window.add(call_outcome::success, start);
  window.add(call_outcome::slow, start);
  window.add(call_outcome::failure, start);
  window.add(call_outcome::failure, start);
  EXPECT_EQ(window.counts(start), (call_counts{.calls = 4, .failures = 2, .slow = 1}));
}

TEST(call_window, keeps_a_call_until_its_bucket_is_ten_buckets_old) {
  call_window first{10s};
  first.add(call_outcome::failure, start);
  EXPECT_EQ(first.counts(start + 10s - 1ns).failures, 1U);
  EXPECT_EQ(first.counts(start + 10s).failures, 0U);

  call_window last{10s};
  last.add(call_outcome::failure, start + 1s - 1ns);
  EXPECT_EQ(last.counts(start + 10s - 1ns).failures, 1U);
  EXPECT_EQ(last.counts(start + 10s).failures, 0U);
}

TEST(call_window, counts_what_lies_on_both_sides_of_a_border_together) {
  call_window window{10s};
  window.add(call_outcome::failure, start - 1ns);
  window.add(call_outcome::failure, start);
  EXPECT_EQ(window.counts(start).failures, 2U);
}

TEST(call_window, forgets_one_bucket_at_a_time) {
  call_window window{10s};
  for (int second = 0; second < 10; ++second)
    window.add(call_outcome::failure, start + second * 1s);
  for (unsigned second = 0; second <= 10; ++second)
    EXPECT_EQ(window.counts(start + 9s + second * 1s).failures, 10 - second);
}

TEST(call_window, uses_a_bucket_again_without_its_old_calls) {
  call_window window{10s};
  window.add(call_outcome::failure, start);
  window.add(call_outcome::success, start + 10s);
  EXPECT_EQ(window.counts(start + 10s), (call_counts{.calls = 1}));
}

TEST(call_window, forgets_everything_while_nothing_is_called) {
  call_window window{10s};
  window.add(call_outcome::failure, start);
  EXPECT_EQ(window.counts(start + 24h), call_counts{});
}

TEST(call_window, loses_no_call_to_a_clock_reading_that_is_a_little_old) {
  call_window window{10s};
  window.add(call_outcome::failure, start + 10s);
  window.add(call_outcome::failure, start);
  EXPECT_EQ(window.counts(start + 10s).failures, 2U);
}

TEST(call_window, is_empty_once_cleared) {
  call_window window{10s};
  window.add(call_outcome::failure, start);
  window.clear();
  EXPECT_EQ(window.counts(start), call_counts{});
}

TEST(call_counts, rounds_its_percentages_down) {
  EXPECT_EQ((call_counts{.calls = 201, .failures = 100}).failure_percent(), 49U);
  EXPECT_EQ((call_counts{.calls = 200, .failures = 100}).failure_percent(), 50U);
  EXPECT_EQ((call_counts{.calls = 3, .slow = 2}).slow_percent(), 66U);
}

TEST(call_counts, has_no_percentage_of_nothing) {
  EXPECT_EQ(call_counts{}.failure_percent(), 0U);
  EXPECT_EQ(call_counts{}.slow_percent(), 0U);
}

TEST(call_counts, has_percentages_of_more_calls_than_fit_a_32_bit_product) {
  constexpr call_counts many{.calls = 4'000'000'000, .failures = 2'000'000'000};
  EXPECT_EQ(many.failure_percent(), 50U);
}

}  // namespace
}  // namespace turnomatic
