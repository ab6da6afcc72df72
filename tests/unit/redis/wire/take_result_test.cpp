#include "backend/redis/wire/commands.hpp"
#include "unit/redis/resp_reply.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace turnomatic::redis {
namespace {

using kind = take_result::kind;

take_result read(std::string_view text, std::uint64_t turns = 3) {
  const std::string bytes = "$" + std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
  const resp_reply reply{bytes};
  return read_take_result(reply.value(), turns);
}

TEST(take_result, is_the_last_turn_in_the_usual_case) {
  const take_result made = read_take_result(resp_reply{":42\r\n"}.value(), 3);
  EXPECT_EQ(made.type, kind::taken);
  EXPECT_EQ(made.range, (turn_range{40, 3}));
  EXPECT_EQ(made.found, 39U);
  EXPECT_FALSE(made.skipped);
}

TEST(take_result, has_fewer_turns_or_further_up) {
  const take_result made = read("t 7 2 4");
  EXPECT_EQ(made.type, kind::taken);
  EXPECT_EQ(made.range, (turn_range{7, 2}));
  EXPECT_EQ(made.found, 4U);
  EXPECT_TRUE(made.skipped);
  EXPECT_FALSE(read("t 7 2 6").skipped);
}

TEST(take_result, has_the_turns_that_a_key_had_before) {
  const take_result made = read("k 7 5");
  EXPECT_EQ(made.type, kind::known);
  EXPECT_EQ(made.range, (turn_range{7, 5, true}));
}

// Marks and answers would be made of them.
TEST(take_result, is_malformed_where_it_has_no_turns_that_can_have_been_taken) {
  for (const char* const text :
       {"", "t", "t 0 1 0", "t 1 0 0", "t 1 4 0", "t 1 1 1", "t 1 1", "t 9007199254740991 2 0",
        "t 9007199254740992 1 0", "t 18446744073709551615 2 0", "k 0 1", "k 1 0",
        "k 9007199254740991 2", "k 1 9007199254740992", "k 1", "k x 1", "y"})
    EXPECT_EQ(read(text).type, kind::malformed) << text;
  EXPECT_EQ(read("k 9007199254740991 1").type, kind::known);
  for (const char* const number : {":0\r\n", ":-1\r\n", ":2\r\n", ":9007199254740992\r\n"})
    EXPECT_EQ(read_take_result(resp_reply{number}.value(), 3).type, kind::malformed) << number;
}

}  // namespace
}  // namespace turnomatic::redis
