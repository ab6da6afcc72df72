#include "app/config/percent_coding.hpp"

#include <gtest/gtest.h>

namespace turnomatic::app {

TEST(percent_coding, brings_every_byte_back) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(percent_decoded(percent_encoded(text, {})), text) << byte;
  }
}

TEST(percent_coding, lets_unreserved_and_literal_bytes_stand_for_themselves) {
  EXPECT_EQ(percent_encoded("azAZ09-._~", {}), "azAZ09-._~");
  EXPECT_EQ(percent_encoded("/:@", "/"), "/%3A%40");
  EXPECT_EQ(percent_encoded("\xff%", "/"), "%FF%25");
}

TEST(percent_coding, is_undone_once_in_either_case) {
  EXPECT_EQ(percent_decoded("%2541%c3%B1"), "%41\xc3\xb1");
  EXPECT_EQ(percent_decoded(""), "");
}

TEST(percent_coding, is_not_undone_where_it_is_malformed) {
  for (const char* text : {"%", "a%", "%6", "a%6", "%g7", "%7g", "%%67", "% 67", "%-1"}) {
    EXPECT_EQ(percent_decoded(text), std::nullopt) << text;
  }
}

}  // namespace turnomatic::app
