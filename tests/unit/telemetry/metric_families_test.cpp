#include "telemetry/metric_families.hpp"

#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

namespace turnomatic::telemetry {
namespace {

std::string text_of(const family_list& families) {
  return prometheus::TextSerializer{}.Serialize(families);
}

TEST(escape_help, escapes_backslash_and_line_feed_only) {
  EXPECT_EQ(escape_help("a\\b\nc\"d"), R"(a\\b\nc"d)");
}

TEST(family_writer, keeps_a_help_text_of_two_lines_on_one_line) {
  family_list families;
  family_writer::gauge(families, "x", "one\ntwo").add(1.0);
  EXPECT_EQ(text_of(families), "# HELP x one\\ntwo\n# TYPE x gauge\nx 1\n");
}

TEST(family_writer, escapes_label_values) {
  family_list families;
  family_writer::counter(families, "x_total", "X.").add(1.0, {{"a", "q\"b\\n\n"}});
  EXPECT_THAT(text_of(families), testing::HasSubstr(R"(x_total{a="q\"b\\n\n"} 1)"));
}

TEST(family_writer, stays_valid_while_the_list_grows) {
  family_list families;
  auto first = family_writer::counter(families, "first_total", "First.");
  for (int i = 0; i < 100; ++i)
    static_cast<void>(family_writer::gauge(families, "g", "G."));
  first.add(7.0);
  EXPECT_EQ(families.front().metric.at(0).counter.value, 7.0);
}

TEST(family_writer, shows_the_largest_turn_to_the_last_digit) {
  family_list families;
  family_writer::counter(families, "x_total", "X.").add(turn_max);
  EXPECT_THAT(text_of(families), testing::HasSubstr("x_total 9007199254740991\n"));
}

TEST(append_process_families, leaves_out_what_the_system_does_not_tell) {
  process_sample sample;
  sample.threads = 3;
  family_list families;
  append_process_families(sample, families);
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].name, "process_threads");
}

}  // namespace
}  // namespace turnomatic::telemetry
