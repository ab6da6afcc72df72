#include "core/token_bucket.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

const time_point start{1000s};
constexpr token_rate one_in_ten_seconds{.per_minute = 6, .burst = 3};

TEST(token_bucket, is_full_at_first_and_then_gives_as_much_as_comes_in) {
  token_bucket bucket;
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(bucket.take(one_in_ten_seconds, start));
  EXPECT_EQ(bucket.take(one_in_ten_seconds, start), 10s);
  EXPECT_EQ(bucket.take(one_in_ten_seconds, start + 9s), 1s);
  EXPECT_EQ(bucket.take(one_in_ten_seconds, start + 10s - 1ns), 1ns);
  EXPECT_FALSE(bucket.take(one_in_ten_seconds, start + 10s));
  EXPECT_EQ(bucket.take(one_in_ten_seconds, start + 10s), 10s);
}

TEST(token_bucket, gives_at_its_rate_whatever_is_asked_of_it) {
  token_bucket bucket;
  constexpr token_rate rate{.per_minute = 600, .burst = 50};
  int given = 0;
  for (duration past{}; past < 100s; past += 1ms)
    given += bucket.take(rate, start + past) ? 0 : 1;
  EXPECT_EQ(given, 50 + 999);
}

TEST(token_bucket, holds_no_more_than_its_burst_however_long_nobody_asks) {
  token_bucket bucket;
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(bucket.take(one_in_ten_seconds, start + 24h));
  EXPECT_TRUE(bucket.take(one_in_ten_seconds, start + 24h));
}

TEST(token_bucket, takes_nothing_when_it_refuses) {
  token_bucket bucket;
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(bucket.take(one_in_ten_seconds, start));
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(bucket.take(one_in_ten_seconds, start), 10s);
  EXPECT_FALSE(bucket.take(one_in_ten_seconds, start + 10s));
}

TEST(token_bucket, gives_again_what_came_back) {
  token_bucket bucket;
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(bucket.take(one_in_ten_seconds, start));
  bucket.give_back(one_in_ten_seconds);
  EXPECT_FALSE(bucket.take(one_in_ten_seconds, start));
  EXPECT_TRUE(bucket.take(one_in_ten_seconds, start));
}

TEST(token_bucket, never_holds_more_for_what_came_back) {
  token_bucket bucket;
  for (int i = 0; i < 10; ++i)
    bucket.give_back(one_in_ten_seconds);
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(bucket.take(one_in_ten_seconds, start));
  EXPECT_TRUE(bucket.take(one_in_ten_seconds, start));
}

TEST(token_bucket, goes_by_another_rate_from_the_moment_it_is_told) {
  token_bucket bucket;
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(bucket.take(one_in_ten_seconds, start));
  EXPECT_FALSE(bucket.take({.per_minute = 6, .burst = 4}, start));
  EXPECT_EQ(bucket.take({.per_minute = 6, .burst = 1}, start), 40s);
}

// The workers' clocks are read at different moments.
TEST(token_bucket, is_not_misled_by_a_clock_that_is_a_little_behind) {
  token_bucket bucket;
  EXPECT_FALSE(bucket.take(one_in_ten_seconds, start));
  EXPECT_FALSE(bucket.take(one_in_ten_seconds, start - 5ms));
  EXPECT_FALSE(bucket.take(one_in_ten_seconds, start));
  EXPECT_TRUE(bucket.take(one_in_ten_seconds, start));
}

}  // namespace
}  // namespace turnomatic
