#include "report/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

std::unique_ptr<histogram> with(std::initializer_list<nanoseconds> values) {
  auto result = std::make_unique<histogram>();
  for (const nanoseconds value : values)
    result->add(value);
  return result;
}

TEST(histogram, is_empty_at_first) {
  const auto tested = with({});
  EXPECT_EQ(tested->count(), 0U);
  EXPECT_EQ(tested->quantile(0.5), 0ns);
  EXPECT_EQ(tested->mean(), 0ns);
}

TEST(histogram, keeps_three_digits_of_every_value) {
  for (nanoseconds value = 1ns; value < 70min; value += value / 7 + 1ns) {
    const nanoseconds found = with({value})->quantile(1);
    EXPECT_GE(found, value);
    EXPECT_LE(static_cast<double>((found - value).count()),
              static_cast<double>(value.count()) / 1000.0);
  }
}

TEST(histogram, tells_small_values_exactly) {
  const auto tested = with({1ns, 2ns, 3ns, 2047ns});
  EXPECT_EQ(tested->quantile(0.5), 2ns);
  EXPECT_EQ(tested->quantile(0.75), 3ns);
  EXPECT_EQ(tested->quantile(1), 2047ns);
}

TEST(histogram, takes_a_value_beyond_its_range_for_the_largest_it_knows) {
  EXPECT_GT(with({1000h})->quantile(1), 73min);
  EXPECT_EQ(with({-5ns})->quantile(1), 0ns);
}

TEST(histogram, adds_and_takes_away_another) {
  const auto earlier = with({1ms, 1ms});
  const auto tested = with({5s});
  tested->add(*earlier);
  EXPECT_EQ(tested->count(), 3U);
  tested->subtract(*earlier);
  EXPECT_EQ(tested->count(), 1U);
  EXPECT_GE(tested->quantile(0.01), 5s);
}

}  // namespace
}  // namespace turnomatic::bench
