#include "core/date_text.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

constexpr system_time leap_day{1'709'164'805s};

TEST(date_text, writes_a_moment_as_http_wants_it) {
  EXPECT_EQ(imf_fixdate(leap_day), "Thu, 29 Feb 2024 00:00:05 GMT");
  EXPECT_EQ(imf_fixdate({}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(imf_fixdate(system_time{1'796'169'599s}), "Tue, 01 Dec 2026 23:59:59 GMT");
}

TEST(date_text, writes_a_moment_as_rfc_3339_wants_it) {
  EXPECT_EQ(rfc3339(leap_day), "2024-02-29T00:00:05Z");
  EXPECT_EQ(rfc3339_milliseconds(leap_day), "2024-02-29T00:00:05.000Z");
  EXPECT_EQ(rfc3339_milliseconds(leap_day + 7ms), "2024-02-29T00:00:05.007Z");
}

TEST(date_text, rounds_down_so_that_nothing_is_from_the_future) {
  EXPECT_EQ(imf_fixdate(leap_day + 999'999'999ns), imf_fixdate(leap_day));
  EXPECT_EQ(rfc3339(leap_day + 999'999'999ns), rfc3339(leap_day));
  EXPECT_EQ(rfc3339_milliseconds(leap_day + 999'999'999ns), "2024-02-29T00:00:05.999Z");
}

}  // namespace
}  // namespace turnomatic
