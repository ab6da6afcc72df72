#include "telemetry/metric_layout.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace turnomatic::telemetry {
namespace {

using namespace std::chrono_literals;

TEST(status_index, finds_each_code_under_a_label_of_the_same_number) {
  for (const std::uint16_t code : status_codes) {
    EXPECT_EQ(status_labels[status_index(code)], std::to_string(code));
  }
}

TEST(status_index, puts_every_unexpected_code_under_other) {
  for (std::uint32_t code = 0; code <= 0xffff; ++code) {
    const auto status = static_cast<std::uint16_t>(code);
    if (std::ranges::find(status_codes, status) != status_codes.end())
      continue;
    ASSERT_EQ(status_labels[status_index(status)], "other") << code;
  }
}

TEST(latency_bounds, ascend) {
  EXPECT_TRUE(std::ranges::is_sorted(latency_bounds, std::ranges::less_equal{}));
}

TEST(latency_bucket, includes_its_upper_bound_and_nothing_above) {
  for (std::size_t i = 0; i < latency_bounds.size(); ++i) {
    EXPECT_EQ(latency_bucket(latency_bounds[i]), i);
    EXPECT_EQ(latency_bucket(latency_bounds[i] + 1ns), i + 1);
  }
}

TEST(latency_bucket, takes_anything_from_zero_to_eternity) {
  EXPECT_EQ(latency_bucket(0ns), 0u);
  EXPECT_EQ(latency_bucket(std::chrono::nanoseconds::max()), latency_bucket_count - 1);
}

}  // namespace
}  // namespace turnomatic::telemetry
