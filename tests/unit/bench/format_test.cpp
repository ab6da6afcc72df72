#include "report/format.hpp"

#include "report/outside_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;

TEST(grouped, separates_thousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(counted, says_one_turn_but_no_turns) {
  EXPECT_EQ(counted(1, "turn"), "1 turn");
  EXPECT_EQ(counted(0, "turn"), "0 turns");
  EXPECT_EQ(counted(1'200, "turn"), "1,200 turns");
}

TEST(decimal, keeps_the_digits_that_were_asked_for) {
  EXPECT_EQ(decimal(1234.5, 2), "1,234.50");
  EXPECT_EQ(decimal(-1234.5, 0), "-1,234");
  EXPECT_EQ(decimal(-123, 0), "-123");
  EXPECT_EQ(decimal(0.0004, 3), "0.000");
}

TEST(decimal, survives_the_largest_and_what_is_no_number) {
  EXPECT_GT(decimal(std::numeric_limits<double>::max(), 12).size(), 309U);
  EXPECT_EQ(decimal(std::numeric_limits<double>::infinity(), 1), "n/a");
  EXPECT_EQ(decimal(std::numeric_limits<double>::quiet_NaN(), 1), "n/a");
}

TEST(rounded, has_three_significant_digits_and_no_zeros_at_the_end) {
  EXPECT_EQ(rounded(0), "0");
  EXPECT_EQ(rounded(-0.0), "0");
  EXPECT_EQ(rounded(5), "5");
  EXPECT_EQ(rounded(0.000812345), "0.000812");
  EXPECT_EQ(rounded(1.236), "1.24");
  EXPECT_EQ(rounded(12.36), "12.4");
  EXPECT_EQ(rounded(51'234.7), "51,235");
  EXPECT_EQ(rounded(100), "100");
}

TEST(abbreviated, counts_thousands_and_millions) {
  EXPECT_EQ(abbreviated(0), "0");
  EXPECT_EQ(abbreviated(250), "250");
  EXPECT_EQ(abbreviated(1'500), "1.5k");
  EXPECT_EQ(abbreviated(20e6), "20M");
  EXPECT_EQ(abbreviated(1e18), "1E");
}

TEST(duration_text, uses_the_unit_that_suits) {
  EXPECT_EQ(duration_text(0ns), "0 s");
  EXPECT_EQ(duration_text(812ns), "812 ns");
  EXPECT_EQ(duration_text(812us), "812 µs");
  EXPECT_EQ(duration_text(1'236us), "1.24 ms");
  EXPECT_EQ(duration_text(5s), "5 s");
  EXPECT_EQ(duration_text(73min), "4,380 s");
  EXPECT_EQ(duration_text(-3ms), "-3 ms");
}

TEST(duration_text, changes_the_unit_where_rounding_would_need_a_fourth_digit) {
  EXPECT_EQ(duration_text(999'499ns), "999 µs");
  EXPECT_EQ(duration_text(999'500ns), "1 ms");
}

TEST(milliseconds_text, goes_down_to_the_microsecond) {
  EXPECT_EQ(milliseconds_text(0), "0.000");
  EXPECT_EQ(milliseconds_text(1'234'567'000), "1,234.567");
}

TEST(bytes_text, counts_in_thousands) {
  EXPECT_EQ(bytes_text(812), "812 B");
  EXPECT_EQ(bytes_text(1'236'000), "1.24 MB");
}

TEST(share_text, never_rounds_something_to_nothing_or_to_all) {
  EXPECT_EQ(share_text(1, 3), "33.33 %");
  EXPECT_EQ(share_text(0, 3), "0 %");
  EXPECT_EQ(share_text(3, 3), "100 %");
  EXPECT_EQ(share_text(1, 1'000'000), "under 0.01 %");
  EXPECT_EQ(share_text(999'999, 1'000'000), "over 99.99 %");
  EXPECT_EQ(share_text(0, 0), "n/a");
}

TEST(utc_text, is_iso_8601) {
  EXPECT_EQ(utc_text(std::chrono::system_clock::time_point{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(std::chrono::system_clock::time_point{1'790'000'000s}),
            "2026-09-21T14:13:20Z");
}

struct text_case {
  const char* name;
  std::string text;
  std::string shown;
};

TEST(printable, keeps_text_and_spells_out_what_would_steer) {
  for (const auto& [name, text, shown] : {
           text_case{"text of several scripts", "grupo7 ñ € 😀 \\", "grupo7 ñ € 😀 \\"},
           text_case{"an escape sequence", "\x1b[2J", "\\x1b[2J"},
           text_case{"a line end", "a\r\nb", "a\\x0d\\x0ab"},
           text_case{"a zero", std::string("a\0b", 3), "a\\x00b"},
           text_case{"a control character of two bytes", "\xc2\x9b", "\\xc2\\x9b"},
           text_case{"a right-to-left override", "\xe2\x80\xae", "\\xe2\\x80\\xae"},
           text_case{"a byte of no character", "\xff", "\\xff"},
           text_case{"half a character", "\xe2\x82", "\\xe2\\x82"},
           text_case{"an overlong form", "\xc0\xaf", "\\xc0\\xaf"},
           text_case{"an overlong form of three bytes", "\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
           text_case{"a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
           text_case{"beyond the last character", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
       }) {
    EXPECT_EQ(printable(text), shown) << name;
  }
}

TEST(html_escaped, leaves_no_way_out_of_text_or_attribute) {
  EXPECT_EQ(html_escaped("<a b=\"c\" d='e'>&amp;\x1b"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;\\x1b");
}

}  // namespace
}  // namespace turnomatic::bench
