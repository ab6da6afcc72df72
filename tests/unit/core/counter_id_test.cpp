#include <turnomatic/counter_id.hpp>

#include <gtest/gtest.h>

#include <string>

namespace turnomatic {
namespace {

const std::string unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";

std::string hex(unsigned byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {'%', digits[byte / 16], digits[byte % 16]};
}

TEST(counter_id, accepts_each_unreserved_character_and_no_other_byte) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    const bool valid = unreserved.find(text) != std::string::npos;
    EXPECT_EQ(counter_id::from_text(text).has_value(), valid) << byte;
  }
}

TEST(counter_id, is_1_to_64_characters_long) {
  EXPECT_FALSE(counter_id::from_text(""));
  EXPECT_TRUE(counter_id::from_text("x"));
  EXPECT_TRUE(counter_id::from_text(std::string(64, 'x')));
  EXPECT_FALSE(counter_id::from_text(std::string(65, 'x')));
}

TEST(counter_id, keeps_its_text) {
  const std::string longest(64, 'z');
  EXPECT_EQ(counter_id::from_text("grupo7")->text(), "grupo7");
  EXPECT_EQ(counter_id::from_text(longest)->text(), longest);
}

TEST(counter_id, tells_case_apart) {
  EXPECT_NE(*counter_id::from_text("Grupo7"), *counter_id::from_text("grupo7"));
}

TEST(counter_id, undoes_percent_encoding_of_a_path_segment) {
  EXPECT_EQ(counter_id::from_path_segment("%67rupo7")->text(), "grupo7");
  EXPECT_EQ(counter_id::from_path_segment("grupo%37")->text(), "grupo7");
  EXPECT_EQ(counter_id::from_path_segment("%7e%7E")->text(), "~~");
}

TEST(counter_id, accepts_every_escaped_unreserved_character_and_no_other_escaped_byte) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool valid = unreserved.find(static_cast<char>(byte)) != std::string::npos;
    const auto id = counter_id::from_path_segment(hex(byte));
    ASSERT_EQ(id.has_value(), valid) << hex(byte);
    if (!valid)
      continue;
    EXPECT_EQ(id->text(), std::string(1, static_cast<char>(byte)));
  }
}

TEST(counter_id, refuses_malformed_escapes) {
  for (const char* segment : {"%", "a%", "%6", "a%6", "%g7", "%7g", "%%67", "% 67", "%-1"})
    EXPECT_FALSE(counter_id::from_path_segment(segment)) << segment;
}

TEST(counter_id, undoes_percent_encoding_only_once) {
  EXPECT_FALSE(counter_id::from_path_segment("%2567"));
}

TEST(counter_id, measures_its_length_after_decoding) {
  std::string escaped;
  for (int i = 0; i < 64; ++i)
    escaped += "%41";
  EXPECT_EQ(counter_id::from_path_segment(escaped)->text(), std::string(64, 'A'));
  EXPECT_FALSE(counter_id::from_path_segment(escaped + "A"));
  EXPECT_FALSE(counter_id::from_path_segment(""));
}

}  // namespace
}  // namespace turnomatic
