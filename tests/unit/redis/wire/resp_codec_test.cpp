#include "backend/redis/wire/resp_codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {
namespace {

using kind = reply::kind;

TEST(append_command, counts_arguments_and_bytes) {
  std::string out = "before";
  const std::string any{"a\0\r\n", 4};
  append_command(out, std::array<std::string_view, 3>{"SET", any, ""});
  EXPECT_EQ(out, "before*3\r\n$3\r\nSET\r\n$4\r\n" + any + "\r\n$0\r\n\r\n");
}

TEST(reply_reader, reads_each_kind) {
  reply_reader reader;
  reader.feed("+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\nbc\r\n$-1\r\n*-1\r\n*0\r\n");
  const auto next = [&] { return *reader.next(); };
  EXPECT_EQ(next().text, "OK");
  const reply error = next();
  EXPECT_TRUE(error.is_error());
  EXPECT_EQ(error.text, "ERR no");
  EXPECT_EQ(next().integer, -42);
  const reply text = next();
  EXPECT_TRUE(text.is_string());
  EXPECT_EQ(text.text, "a\r\nbc");
  EXPECT_EQ(next().type, kind::nil);
  EXPECT_EQ(next().type, kind::nil);
  const reply empty = next();
  EXPECT_EQ(empty.type, kind::array);
  EXPECT_TRUE(empty.elements.empty());
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_FALSE(reader.broken());
}

TEST(reply_reader, reads_arrays_within_arrays) {
  reply_reader reader;
  reader.feed("*3\r\n$5\r\ntaken\r\n*2\r\n:1\r\n$-1\r\n:9\r\n");
  const reply* const read = reader.next();
  ASSERT_NE(read, nullptr);
  ASSERT_EQ(read->elements.size(), 3U);
  EXPECT_EQ(read->elements[0]->text, "taken");
  ASSERT_EQ(read->elements[1]->elements.size(), 2U);
  EXPECT_EQ(read->elements[1]->elements[0]->integer, 1);
  EXPECT_EQ(read->elements[1]->elements[1]->type, kind::nil);
  EXPECT_EQ(read->elements[2]->integer, 9);
}

TEST(reply, tells_its_elements_by_kind) {
  reply_reader reader;
  reader.feed("*3\r\n$2\r\n12\r\n:7\r\n:-1\r\n");
  const reply* const read = reader.next();
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->text_at(0), "12");
  EXPECT_EQ(read->natural_at(0), std::nullopt);
  EXPECT_EQ(read->text_at(1), "");
  EXPECT_EQ(read->natural_at(1), 7U);
  EXPECT_EQ(read->natural_at(2), std::nullopt);
  EXPECT_EQ(read->text_at(3), "");
  EXPECT_EQ(read->natural_at(3), std::nullopt);
}

TEST(natural_of, is_nothing_but_digits_that_fit) {
  EXPECT_EQ(natural_of("0"), 0U);
  EXPECT_EQ(natural_of("18446744073709551615"), 18'446'744'073'709'551'615U);
  for (const std::string_view text :
       {"", "-1", "+1", " 1", "1 ", "1.5", "x", "18446744073709551616"})
    EXPECT_EQ(natural_of(text), std::nullopt) << text;
}

TEST(reply_reader, takes_bytes_however_they_are_cut) {
  const std::string bytes = "*2\r\n$5\r\ntaken\r\n:12\r\n:7\r\n$3\r\nabc\r\n";
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      reply_reader reader;
      std::vector<std::string> read;
      const auto feed = [&](std::string_view piece) {
        reader.feed(piece);
        while (const reply* const each = reader.next())
          read.push_back(each->type == kind::array ? std::string{each->elements.at(0)->text}
                         : each->is_string()       ? std::string{each->text}
                                                   : std::to_string(each->integer));
      };
      feed(std::string_view{bytes}.substr(0, first));
      feed(std::string_view{bytes}.substr(first, second - first));
      feed(std::string_view{bytes}.substr(second));
      ASSERT_EQ(read, (std::vector<std::string>{"taken", "7", "abc"})) << first << ' ' << second;
      ASSERT_FALSE(reader.broken());
    }
  }
}

class not_resp : public ::testing::TestWithParam<std::string_view> {};

TEST_P(not_resp, breaks_the_reader_for_good) {
  reply_reader reader;
  reader.feed(GetParam());
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_TRUE(reader.broken());
  reader.feed("+OK\r\n");
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_TRUE(reader.broken());
}

INSTANTIATE_TEST_SUITE_P(reply_reader, not_resp,
                         ::testing::Values("HTTP/1.1 200 OK\r\n", "$-2\r\n", "$abc\r\n", ":1x\r\n",
                                           "*-2\r\n", "*1000000\r\n",
                                           "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"
                                           "*1\r\n:1\r\n"));

TEST(reply_reader, holds_no_more_than_its_bound) {
  reply_reader reader;
  reader.feed("$" + std::to_string(2 * reply_reader::bytes_max) + "\r\n");
  const std::string piece(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 5; ++i) {
    reader.feed(piece);
    EXPECT_EQ(reader.next(), nullptr);
  }
  EXPECT_TRUE(reader.broken());
}

}  // namespace
}  // namespace turnomatic::redis
