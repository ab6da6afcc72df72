#include "http/request_gate.hpp"

#include "support/request_vectors.hpp"

#include <gtest/gtest.h>

#include <string>

namespace turnomatic::http {
namespace {

using verdict = gate_result::verdict;

constexpr std::size_t header_max = 8192;

gate_result inspect(std::string_view input) {
  return inspect_head(input, header_max);
}

const std::string good = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(request_gate, tells_where_the_head_is) {
  const gate_result result = inspect(good + "more");
  EXPECT_EQ(result.what, verdict::accepted);
  EXPECT_EQ(result.head_begin, 0U);
  EXPECT_EQ(result.head_end, good.size());
}

TEST(request_gate, tells_what_is_asked_for) {
  const std::string input = "\r\nGET /turno/a?b HTTP/1.1\r\n\r\n";
  EXPECT_EQ(inspect(input).target, "/turno/a?b");
}

TEST(request_gate, leaves_the_empty_line_in_front_out_of_the_head) {
  const gate_result result = inspect("\r\n" + good);
  EXPECT_EQ(result.what, verdict::accepted);
  EXPECT_EQ(result.head_begin, 2U);
  EXPECT_EQ(result.head_end, good.size() + 2);
}

TEST(request_gate, waits_for_the_rest_of_whatever_may_still_become_a_request) {
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(inspect(good.substr(0, size)).what, verdict::incomplete) << size;
}

TEST(request_gate, never_changes_its_verdict_when_more_arrives) {
  for (const auto& v : support::request_vectors()) {
    SCOPED_TRACE(v.name);
    const gate_result whole = inspect(v.bytes);
    const std::size_t limit = std::min<std::size_t>(v.bytes.size(), 1200);
    for (std::size_t size = 0; size < limit; ++size) {
      const gate_result part = inspect(std::string_view{v.bytes}.substr(0, size));
      if (part.what == verdict::incomplete)
        continue;
      ASSERT_EQ(part.what, whole.what);
      ASSERT_EQ(part.head_end, whole.head_end);
    }
  }
}

TEST(request_gate, rejects_bytes_that_never_end_a_line_before_they_fill_it) {
  EXPECT_EQ(inspect(std::string("\x16\x03\x01", 3)).what, verdict::rejected);
  EXPECT_EQ(inspect("GET / HTTP/1.1\r\nX: \x01").what, verdict::rejected);
}

TEST(request_gate, is_exact_about_the_size_of_an_unfinished_header) {
  const std::string line = "GET / HTTP/1.1\r\n";
  for (const std::size_t limit : {std::size_t{1024}, header_max, header_bound}) {
    const std::string filled = line + "X: " + std::string(limit - 5, 'x') + "\r\n";
    EXPECT_EQ(inspect_head(filled, limit).what, verdict::incomplete);
    EXPECT_EQ(inspect_head(filled + "\r", limit).what, verdict::incomplete);
    EXPECT_EQ(inspect_head(filled + "\r\n", limit).what, verdict::accepted);
    const gate_result over = inspect_head(filled + "Y:", limit);
    EXPECT_EQ(over.what, verdict::rejected);
    EXPECT_EQ(over.why, rejection::header_too_large);
  }
}

}  // namespace
}  // namespace turnomatic::http
