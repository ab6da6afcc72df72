#include "telemetry/process_sample.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <string>

namespace turnomatic::telemetry {
namespace {

using testing::Optional;

// Fields 3 to 25 of proc(5); 14, 15, 20, 22, 23 and 24 are the ones that are read.
constexpr std::string_view fields =
    " S 1 42 42 0 -1 4194560 900 0 3 0 111 222 0 0 20 0 7 0 4567 891011 1213 18446744073709551615";

TEST(parse_process_stat, reads_the_fields_that_become_metrics) {
  const process_stat expected{.user_ticks = 111,
                              .system_ticks = 222,
                              .threads = 7,
                              .start_ticks = 4567,
                              .virtual_bytes = 891011,
                              .resident_pages = 1213};
  EXPECT_THAT(parse_process_stat("42 (turnomatic)" + std::string{fields} + "\n"),
              Optional(expected));
}

TEST(parse_process_stat, is_not_misled_by_the_name_of_the_program) {
  for (const std::string name : {"(a b)", "(a) b)", "())", "(\n) S 9 9)", "()"}) {
    const auto stat = parse_process_stat("42 " + name + std::string{fields});
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->user_ticks, 111u) << name;
  }
}

TEST(parse_process_stat, refuses_what_is_cut_short_anywhere) {
  const std::string text = "42 (turnomatic)" + std::string{fields};
  const std::size_t last_needed = text.rfind("1213");
  for (std::size_t size = 0; size <= last_needed; ++size) {
    EXPECT_FALSE(parse_process_stat(text.substr(0, size))) << size;
  }
}

TEST(parse_process_stat, refuses_what_is_no_number) {
  for (const std::string word : {"x", "-1", "1x", "99999999999999999999"}) {
    const std::string text = "42 (t) S 1 42 42 0 -1 0 0 0 0 0 " + word + " 2 0 0 20 0 7 0 4 5 6 7";
    EXPECT_FALSE(parse_process_stat(text)) << word;
  }
}

TEST(parse_boot_time, finds_the_line_among_others) {
  EXPECT_THAT(parse_boot_time("cpu  1 2 3\nintr 5\nbtime 1700000000\nprocesses 9\n"),
              Optional(1'700'000'000u));
}

TEST(parse_boot_time, has_nothing_to_say_without_the_line) {
  for (const std::string_view text : {"", "cpu 1 2 3\n", "xbtime 5\n", "btime \n", "btime"}) {
    EXPECT_EQ(parse_boot_time(text), std::nullopt) << text;
  }
}

TEST(parse_open_files_limit, takes_the_soft_limit) {
  EXPECT_THAT(parse_open_files_limit(
                  "Limit                     Soft Limit           Hard Limit           Units\n"
                  "Max processes             100                  200                  processes\n"
                  "Max open files            1024                 524288               files\n"),
              Optional(1024.0));
}

TEST(parse_open_files_limit, knows_unlimited) {
  EXPECT_THAT(parse_open_files_limit("Max open files            unlimited  unlimited  files\n"),
              Optional(INFINITY));
}

TEST(parse_open_files_limit, has_nothing_to_say_without_the_line) {
  for (const std::string_view text : {"", "Max processes 5 5\n", "Max open files ", "Max open"}) {
    EXPECT_EQ(parse_open_files_limit(text), std::nullopt) << text;
  }
}

TEST(process_collector, sees_the_process_it_runs_in) {
  const process_sample sample = process_collector{}.sample();
  EXPECT_GE(sample.cpu_seconds.value(), 0.0);
  EXPECT_GT(sample.resident_bytes.value(), 100e3);
  EXPECT_GT(sample.virtual_bytes.value(), sample.resident_bytes.value());
  EXPECT_GE(sample.open_fds.value(), 1.0);
  EXPECT_GE(sample.max_fds.value(), sample.open_fds.value());
  EXPECT_GT(sample.start_time_seconds.value(), 1.5e9);
  EXPECT_GE(sample.threads.value(), 1.0);
}

TEST(process_collector, says_nothing_where_there_is_no_proc) {
  const process_sample sample = process_collector{"/nonexistent"}.sample();
  EXPECT_FALSE(sample.cpu_seconds || sample.resident_bytes || sample.virtual_bytes ||
               sample.open_fds || sample.max_fds || sample.start_time_seconds || sample.threads);
}

}  // namespace
}  // namespace turnomatic::telemetry
