#include "http/request_body.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace turnomatic::http {
namespace {

using namespace std::string_literals;
using verdict = body_result::verdict;

constexpr body_framing chunked{body_kind::chunked, 0};

// Where the body of the last chunk ends is the same however much has arrived behind it.
void expect_complete(const std::string& body) {
  SCOPED_TRACE(testing::PrintToString(body));
  for (std::size_t size = 0; size < body.size(); ++size)
    ASSERT_EQ(inspect_body(chunked, body.substr(0, size)).what, verdict::incomplete) << size;
  for (const char* behind : {"", "\r\n", "GET / HTTP/1.1\r\n", "0\r\n\r\n"}) {
    const body_result all = inspect_body(chunked, body + behind);
    ASSERT_EQ(all.what, verdict::complete);
    ASSERT_EQ(all.size, body.size());
  }
}

// It is refused at its last byte, whatever comes behind that, and not before.
void expect_rejected(const std::string& body, rejection why) {
  SCOPED_TRACE(testing::PrintToString(body));
  for (std::size_t size = 0; size < body.size(); ++size)
    ASSERT_EQ(inspect_body(chunked, body.substr(0, size)).what, verdict::incomplete) << size;
  for (const char* behind : {"", "\r\n", "0"}) {
    const body_result all = inspect_body(chunked, body + behind);
    ASSERT_EQ(all.what, verdict::rejected);
    ASSERT_EQ(all.why, why);
  }
}

TEST(request_body, that_is_none_is_complete_at_once) {
  for (const char* behind : {"", "x"}) {
    const body_result all = inspect_body({}, behind);
    EXPECT_EQ(all.what, verdict::complete);
    EXPECT_EQ(all.size, 0U);
  }
}

TEST(request_body, of_a_known_length_is_complete_when_so_much_has_arrived) {
  for (const std::size_t length : {std::size_t{1}, std::size_t{2}, body_max}) {
    const body_framing framing{body_kind::length, static_cast<std::uint16_t>(length)};
    const std::string bytes(length + 1, '\0');
    for (std::size_t size = 0; size < length; ++size)
      ASSERT_EQ(inspect_body(framing, bytes.substr(0, size)).what, verdict::incomplete);
    for (const std::size_t size : {length, length + 1}) {
      const body_result all = inspect_body(framing, bytes.substr(0, size));
      ASSERT_EQ(all.what, verdict::complete);
      ASSERT_EQ(all.size, length);
    }
  }
}

TEST(request_body, of_chunks_may_have_no_content) {
  for (const char* line : {"0", "000", "0;a", "0;a=b", "0;a=b;c", "0 ; a = b\t;\tc", "0;a=\"\"",
                           "0;a=\"x; \\\" \t\xc3\xa9 \\\\\" ; b", "0;!#$%&'*+-.^_`|~9=~"})
    expect_complete(line + "\r\n\r\n"s);
}

TEST(request_body, of_chunks_with_content_or_a_trailer_field_is_not_allowed) {
  for (const char* body : {"1", "f", "A", "01", "00f", "0\r\nX", "0;a=b\r\n!"})
    expect_rejected(body, rejection::body_not_allowed);
}

TEST(request_body, of_chunks_that_keep_to_no_grammar_is_doubtful) {
  const std::string bodies[] = {"g",          "-",          "+",          " ",
                                "\r",         "\n",         ";",          "0x",
                                "0\n",        "0\r\r",      "0\rX",       "0 \r",
                                "0 0",        "0\0"s,       "0;\r",       "0; \r",
                                "0;;",        "0;=",        "0;a \r",     "0;a\n",
                                "0;a=\r",     "0;a=;",      "0;a=b=",     "0;a=b \r",
                                "0;a b",      "0;a=b c",    "0;a=\"\n",   "0;a=\"\r",
                                "0;a=\"\\\n", "0;a=\"\x7f", "0;a=\"b\"c", "0;a=\"b\" \r",
                                "0;\xc3",     "0;a=\xc3",   "0\r\n\n",    "0\r\n ",
                                "0\r\n:",     "0\r\n\r\r",  "0\r\n\r0",   "0;a=\"b\"\"",
                                "0,"};
  for (const std::string& body : bodies)
    expect_rejected(body, rejection::bad_framing);
}

TEST(request_body, has_a_bound_on_the_line_of_its_last_chunk) {
  const std::string begin = "0;a=";
  const std::string longest = begin + std::string(last_chunk_line_max - begin.size(), 'x');
  expect_complete(longest + "\r\n\r\n");
  expect_rejected(longest + 'x', rejection::body_not_allowed);
  expect_complete(std::string(last_chunk_line_max, '0') + "\r\n\r\n");
  expect_rejected(std::string(last_chunk_line_max + 1, '0'), rejection::body_not_allowed);
}

}  // namespace
}  // namespace turnomatic::http
