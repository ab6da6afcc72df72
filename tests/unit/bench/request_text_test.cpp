#include "load/request_text.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

std::string text(const plan& how, std::string_view key = {}) {
  std::string out;
  request_text{how, *parse_target("http://h:1/p")}.append(out, "grupo7", key);
  return out;
}

TEST(request_text, is_short_by_default) {
  EXPECT_EQ(text({}), "GET /p/turno/grupo7 HTTP/1.1\r\nHost: h:1\r\n\r\n");
}

TEST(request_text, says_all_that_the_plan_says) {
  plan how;
  how.post = true;
  how.keep_alive = false;
  how.header_lines = {"X-Api-Key: k"};
  EXPECT_EQ(text(how, "abc"),
            "POST /p/turno/grupo7 HTTP/1.1\r\nHost: h:1\r\nContent-Length: 0\r\n"
            "Connection: close\r\nX-Api-Key: k\r\nIdempotency-Key: \"abc\"\r\n\r\n");
}

}  // namespace
}  // namespace turnomatic::bench
