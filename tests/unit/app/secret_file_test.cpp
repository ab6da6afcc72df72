#include "app/secret_file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace turnomatic::app {
namespace {

std::string secret(std::string_view text, secret_kind kind) {
  const auto found = secret_of(text, kind);
  return found ? *found : "not: " + found.error().why;
}

TEST(secret_of, a_file_is_its_first_line_without_its_end) {
  for (const auto kind : {secret_kind::token, secret_kind::password}) {
    EXPECT_EQ(secret("abc", kind), "abc");
    EXPECT_EQ(secret("abc\n", kind), "abc");
    EXPECT_EQ(secret("abc\r\nsecond", kind), "abc");
  }
}

TEST(secret_of, a_file_whose_first_line_is_empty_is_none) {
  for (const std::string text : {"", "\n", "\r\n", "\nabc"}) {
    EXPECT_EQ(secret(text, secret_kind::token), "not: no token in its first line");
    EXPECT_EQ(secret(text, secret_kind::password), "not: no password in its first line");
  }
}

// RFC 6750 section 2.1.
TEST(secret_of, a_token_is_what_a_request_can_carry) {
  for (const std::string text : {"a", "Zz09-._~+/", "abc=", "abc==", "////"})
    EXPECT_EQ(secret(text, secret_kind::token), text);
  for (const std::string text :
       {"abc ", " abc", "a c", "abc\t", "a=c", "=", "a:b", "a\"b", "\xc3\xb1",
        "\xef\xbb\xbf"
        "abc",
        "a\rb"})
    EXPECT_TRUE(secret(text, secret_kind::token).starts_with("not: not a bearer token")) << text;
  EXPECT_EQ(secret(std::string{"a\0b", 3}, secret_kind::token).substr(0, 4), "not:");
}

TEST(secret_of, a_password_may_hold_any_byte) {
  for (const std::string text : {"a b", " abc ", "a:b@c", "\xc3\xb1"})
    EXPECT_EQ(secret(text, secret_kind::password), text);
}

TEST(secret_of, a_file_is_none_beyond_its_bound) {
  for (const auto& [kind, bound, why] :
       {std::tuple{secret_kind::token, token_bytes_max, "not: the token is longer than 512 bytes"},
        {secret_kind::password, password_bytes_max,
         "not: the password is longer than 16384 bytes"}}) {
    const std::string longest(bound, 'a');
    EXPECT_EQ(secret(longest, kind), longest);
    // As much as is read of a file tells the one from the other.
    EXPECT_EQ(secret((longest + "\r\n").substr(0, bytes_of_secret_file(kind)), kind), longest);
    EXPECT_EQ(secret((longest + "aaaa").substr(0, bytes_of_secret_file(kind)), kind), why);
  }
}

}  // namespace
}  // namespace turnomatic::app
