#include "net/text_form.hpp"

#include <gtest/gtest.h>

namespace turnomatic::net {
namespace {

using std::chrono::system_clock;
using namespace std::chrono_literals;

constexpr system_clock::time_point leap_day{1'709'164'805s};

TEST(text_form, writes_a_moment_as_http_wants_it) {
  EXPECT_EQ(imf_fixdate(leap_day), "Thu, 29 Feb 2024 00:00:05 GMT");
}

TEST(text_form, writes_a_moment_as_rfc_3339_wants_it) {
  EXPECT_EQ(rfc3339(leap_day + 999ms), "2024-02-29T00:00:05Z");
}

}  // namespace
}  // namespace turnomatic::net
