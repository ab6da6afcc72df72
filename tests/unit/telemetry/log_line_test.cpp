#include "telemetry/log_line.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::log {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr std::chrono::sys_days some_day{std::chrono::year{2026} / 11 / 22};
constexpr auto some_time = std::chrono::system_clock::time_point{some_day} + 10h + 123ms;

std::string text_of(std::string_view message, const std::vector<field>& fields = {}) {
  return render_text({some_time, log_level::info, message, fields});
}

std::string json_of(std::string_view message, const std::vector<field>& fields = {}) {
  return render_json({some_time, log_level::warn, message, fields});
}

/// The value of one field as the text format shows it.
std::string text_value(class value value) {
  const std::string text = text_of("m", {{"k", value}});
  const std::size_t begin = text.find("k=") + 2;
  return text.substr(begin, text.size() - begin - 1);
}

TEST(render_text, puts_time_level_message_and_fields_on_one_line) {
  EXPECT_EQ(text_of("listening", {{"address", "127.0.0.1:7017"}, {"workers", 2}}),
            "2026-11-22T10:00:00.123Z info  listening address=127.0.0.1:7017 workers=2\n");
}

TEST(render_text, aligns_the_messages_of_all_levels) {
  for (const auto level :
       {log_level::trace, log_level::debug, log_level::info, log_level::warn, log_level::error}) {
    EXPECT_EQ(render_text({some_time, level, "m", {}}).find(" m\n"), 30u);
  }
}

TEST(render_text, shows_values_of_every_kind) {
  EXPECT_EQ(text_value("text"), "text");
  EXPECT_EQ(text_value("text"s), "text");
  EXPECT_EQ(text_value(true), "true");
  EXPECT_EQ(text_value(false), "false");
  EXPECT_EQ(text_value(-7), "-7");
  EXPECT_EQ(text_value(std::uint16_t{65535}), "65535");
  EXPECT_EQ(text_value(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text_value(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(text_value(0.25), "0.25");
  EXPECT_EQ(text_value(-std::numeric_limits<double>::denorm_min()), "-5e-324");
  EXPECT_EQ(text_value(INFINITY), "inf");
}

TEST(render_text, quotes_a_value_that_is_empty_or_holds_a_blank) {
  EXPECT_EQ(text_value(""), R"("")");
  EXPECT_EQ(text_value("a b"), R"("a b")");
}

TEST(render_text, lets_no_value_forge_a_line_a_field_or_a_terminal_command) {
  EXPECT_EQ(text_value("a\r\n2026 error forged"), R"("a\x0d\x0a2026 error forged")");
  EXPECT_EQ(text_value("a\" forged=1"), R"("a\x22 forged=1")");
  EXPECT_EQ(text_value("\\x41"), R"(\x5cx41)");
  EXPECT_EQ(text_value("\x1b[2J"), R"(\x1b[2J)");
  EXPECT_EQ(text_value("\x7f"), R"(\x7f)");
  EXPECT_EQ(text_value("\xc2\x9b"), R"(\xc2\x9b)");
  EXPECT_EQ(text_value(std::string_view{"a\0b", 3}), R"(a\x00b)");
}

TEST(render_text, leaves_no_byte_but_visible_ascii_and_blank_before_the_line_feed) {
  std::string every_byte;
  for (int c = 0; c < 256; ++c)
    every_byte += static_cast<char>(c);
  const std::string text = text_of(every_byte, {{every_byte, every_byte}});
  for (const char c : text.substr(0, text.size() - 1)) {
    EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
  }
  EXPECT_EQ(text.back(), '\n');
}

TEST(render_json, is_one_object_on_one_line_in_a_fixed_order) {
  EXPECT_EQ(
      json_of("listening",
              {{"address", "127.0.0.1:7017"}, {"workers", 2}, {"ratio", 0.5}, {"tls", false}}),
      R"({"time":"2026-11-22T10:00:00.123Z","level":"warn","severity":"WARNING",)"
      R"("message":"listening",)"
      R"("address":"127.0.0.1:7017","workers":2,"ratio":0.5,"tls":false})"
      "\n");
}

TEST(render_json, says_the_severity_in_the_words_of_googles_collector) {
  for (const auto& [level, severity] : {std::pair{log_level::trace, "DEBUG"},
                                        {log_level::debug, "DEBUG"},
                                        {log_level::info, "INFO"},
                                        {log_level::warn, "WARNING"},
                                        {log_level::error, "ERROR"}})
    EXPECT_EQ(nlohmann::json::parse(render_json({some_time, level, "m", {}})).at("severity"),
              severity);
}

TEST(journal_priority, is_that_of_syslog) {
  for (const auto& [level, priority] : {std::pair{log_level::trace, "<7>"},
                                        {log_level::debug, "<7>"},
                                        {log_level::info, "<6>"},
                                        {log_level::warn, "<4>"},
                                        {log_level::error, "<3>"}})
    EXPECT_EQ(journal_priority(level), priority);
}

TEST(render_json, keeps_large_integers_exact) {
  EXPECT_THAT(json_of("m", {{"n", std::numeric_limits<std::uint64_t>::max()}}),
              testing::HasSubstr(R"("n":18446744073709551615)"));
}

TEST(render_json, replaces_what_is_not_utf_8) {
  const auto object = nlohmann::json::parse(json_of("m", {{"target", "/\xff\xc3"}}));
  EXPECT_EQ(object.at("target"), "/\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(render_json, survives_every_byte_in_every_place) {
  std::string every_byte;
  for (int c = 0; c < 256; ++c)
    every_byte += static_cast<char>(c);
  const std::string text = json_of(every_byte, {{every_byte, every_byte}});
  EXPECT_TRUE(nlohmann::json::accept(text));
  for (const char c : text.substr(0, text.size() - 1)) {
    EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
  }
}

TEST(render_json, does_not_let_a_field_take_the_place_of_the_message) {
  const std::string text =
      json_of("truth", {{"message", "lie"}, {"level", "lie"}, {"severity", "lie"}});
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("lie")));
}

TEST(render_json, shows_null_for_what_json_has_no_number_for) {
  EXPECT_THAT(json_of("m", {{"x", NAN}}), testing::HasSubstr(R"("x":null)"));
}

}  // namespace
}  // namespace turnomatic::log
