// The tests' own reader of RESP2, by the examples of its specification.
#include "support/redis_reply.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <stdexcept>
#include <string>

namespace turnomatic::support {
namespace {

using namespace std::string_literals;

struct reply_case {
  const char* name;
  std::string bytes;
  redis_reply means;
};

std::ostream& operator<<(std::ostream& out, const reply_case& which) {
  return out << which.name;
}

const auto one = redis_reply::integer(1);
const auto two = redis_reply::bulk("2");

const reply_case reply_cases[] = {
    {"simple_string", "+OK\r\n", redis_reply::simple("OK")},
    {"empty_simple_string", "+\r\n", redis_reply::simple("")},
    {"error", "-ERR unknown command\r\n", redis_reply::error("ERR unknown command")},
    {"integer", ":1000\r\n", redis_reply::integer(1000)},
    {"negative_integer", ":-9223372036854775808\r\n", redis_reply::integer(INT64_MIN)},
    {"bulk_string", "$5\r\nhello\r\n", redis_reply::bulk("hello")},
    {"empty_bulk_string", "$0\r\n\r\n", redis_reply::bulk("")},
    {"bulk_string_of_anything", "$4\r\n\r\n\0\xff\r\n"s, redis_reply::bulk("\r\n\0\xff"s)},
    {"nil_string", "$-1\r\n", redis_reply::nil()},
    {"array", "*2\r\n:1\r\n$1\r\n2\r\n", redis_reply::array({one, two})},
    {"empty_array", "*0\r\n", redis_reply::array({})},
    {"nil_array", "*-1\r\n", redis_reply::nil()},
    {"nested_array", "*2\r\n*1\r\n:1\r\n*2\r\n$1\r\n2\r\n$-1\r\n",
     redis_reply::array({redis_reply::array({one}), redis_reply::array({two, {}})})},
};

class redis_reply_form : public testing::TestWithParam<reply_case> {};

TEST_P(redis_reply_form, is_read_once_it_is_whole_and_nothing_behind_it) {
  const std::string& whole = GetParam().bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string_view bytes = std::string_view{whole}.substr(0, size);
    EXPECT_FALSE(take_reply(bytes)) << size;
    EXPECT_EQ(bytes.size(), size);
  }
  const std::string followed = whole + "+next";
  std::string_view bytes = followed;
  EXPECT_EQ(take_reply(bytes), GetParam().means);
  EXPECT_EQ(bytes, "+next");
}

INSTANTIATE_TEST_SUITE_P(forms, redis_reply_form, testing::ValuesIn(reply_cases),
                         [](const auto& tested) { return tested.param.name; });

TEST(redis_reply, that_is_none_is_an_error) {
  for (const std::string& bytes :
       {"HTTP/1.1 200 OK\r\n"s, "\r\n"s, ":\r\n"s, ":1x\r\n"s, ":9223372036854775808\r\n"s,
        "$-2\r\n"s, "$67108865\r\n"s, "$1\r\nabc"s, "*1\r\n:x\r\n"s}) {
    std::string_view left = bytes;
    EXPECT_THROW((void)take_reply(left), std::runtime_error) << bytes;
  }
}

TEST(redis_reply, may_be_nested_so_deep_and_no_deeper) {
  std::string bytes = ":1\r\n";
  for (int depth = 2; depth <= 8; ++depth)
    bytes.insert(0, "*1\r\n");
  std::string_view left = bytes;
  EXPECT_TRUE(take_reply(left));
  bytes.insert(0, "*1\r\n");
  left = bytes;
  EXPECT_THROW((void)take_reply(left), std::runtime_error);
}

}  // namespace
}  // namespace turnomatic::support
