#include "load/answer_reader.hpp"

#include "support/allocation_counter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace turnomatic::bench {
namespace {

using progress = answer_reader::progress;

const std::string plain =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

struct read_result {
  progress how;
  http_answer answer;
  std::size_t size;
};

read_result read(answer_reader& tested, std::string_view input, bool ended = false) {
  read_result result{progress::incomplete, {}, 0};
  answer_reader::partial begun;
  result.how = tested.read(input, ended, begun, result.answer, result.size);
  return result;
}

TEST(answer_reader, reads_one_answer_and_leaves_the_next) {
  answer_reader tested;
  const std::string input = plain + "HTTP/1.1 500";
  const auto found = read(tested, input);
  EXPECT_EQ(found.how, progress::complete);
  EXPECT_EQ(found.answer.status, 200);
  EXPECT_EQ(found.answer.body, "{}");
  EXPECT_FALSE(found.answer.last);
  EXPECT_EQ(found.size, plain.size());
}

TEST(answer_reader, reads_an_answer_however_it_is_cut) {
  for (std::size_t size = 0; size < plain.size(); ++size) {
    answer_reader tested;
    EXPECT_EQ(read(tested, std::string_view{plain}.substr(0, size)).how, progress::incomplete);
    EXPECT_EQ(read(tested, plain).how, progress::complete);
  }
}

struct cut_case {
  const char* name;
  std::string text;
  std::string body;
};

TEST(answer_reader, goes_on_where_it_stopped_however_an_answer_is_cut) {
  for (const auto& [name, text, body] :
       {cut_case{"plain", plain, "{}"},
        cut_case{"chunked",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
                 "{}"},
        cut_case{"interim", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + plain, "{}"}}) {
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      answer_reader tested;
      answer_reader::partial begun;
      http_answer answer;
      std::size_t taken = 0;
      for (int time = 0; time < 2; ++time) {
        std::size_t come = 0;
        auto how = progress::incomplete;
        while (how == progress::incomplete && come < text.size()) {
          come = std::min(come + piece, text.size());
          how = tested.read(std::string_view{text}.substr(0, come), false, begun, answer, taken);
        }
        ASSERT_EQ(how, progress::complete) << name << " in pieces of " << piece;
        EXPECT_EQ(taken, text.size()) << name;
        EXPECT_EQ(answer.body, body) << name;
      }
    }
  }
}

TEST(answer_reader, parses_an_answer_once_into_however_many_pieces_it_is_cut) {
  const std::string body(std::size_t{64} << 10, 'x');
  for (const std::string& text :
       {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n" + body +
            "\r\n0\r\n\r\n"}) {
    answer_reader tested;
    answer_reader::partial begun;
    http_answer answer;
    std::size_t taken = 0;
    const std::size_t before = support::allocations_so_far();
    for (std::size_t come = 16; come < text.size(); come += 16) {
      ASSERT_EQ(tested.read(std::string_view{text}.substr(0, come), false, begun, answer, taken),
                progress::incomplete);
    }
    ASSERT_EQ(tested.read(text, false, begun, answer, taken), progress::complete);
    EXPECT_EQ(answer.body, body);
    EXPECT_LT(support::allocations_so_far() - before, 100U) << "4,096 pieces";
  }
}

TEST(answer_reader, tells_what_is_no_http_from_half_an_answer_at_the_end) {
  const std::string nameless = "HTTP/1.1 200 OK\r\n: nameless\r\n";
  answer_reader tested;
  answer_reader::partial begun;
  http_answer answer;
  std::size_t taken = 0;
  for (std::size_t come = 1; come < nameless.size(); ++come)
    (void)tested.read(std::string_view{nameless}.substr(0, come), false, begun, answer, taken);
  EXPECT_EQ(tested.read(nameless, /*ended=*/true, begun, answer, taken), progress::not_http);
}

TEST(answer_reader, begins_afresh_behind_an_answer_that_was_cut_off) {
  answer_reader tested;
  answer_reader::partial begun;
  http_answer answer;
  std::size_t taken = 0;
  ASSERT_EQ(tested.read(std::string_view{plain}.substr(0, 30), false, begun, answer, taken),
            progress::incomplete);
  begun.forget();
  EXPECT_EQ(tested.read(plain, false, begun, answer, taken), progress::complete);
}

TEST(answer_reader, knows_a_head_again_and_still_waits_for_the_body) {
  answer_reader tested;
  EXPECT_EQ(read(tested, plain).how, progress::complete);
  EXPECT_EQ(read(tested, std::string_view{plain}.substr(0, plain.size() - 1)).how,
            progress::incomplete);
  const std::string other = plain.substr(0, plain.size() - 2) + "[]" + plain;
  const auto found = read(tested, other);
  EXPECT_EQ(found.how, progress::complete);
  EXPECT_EQ(found.answer.body, "[]");
  EXPECT_EQ(found.answer.status, 200);
  EXPECT_EQ(found.size, plain.size());
}

TEST(answer_reader, forgets_nothing_of_an_answer_that_closes) {
  answer_reader tested;
  const std::string closing =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  for (int time = 0; time < 2; ++time) {
    const auto found = read(tested, closing);
    EXPECT_EQ(found.answer.status, 503);
    EXPECT_TRUE(found.answer.last);
    EXPECT_EQ(found.answer.body, "");
  }
}

TEST(answer_reader, reads_chunks) {
  answer_reader tested;
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
  for (int time = 0; time < 2; ++time) {
    const auto found = read(tested, chunked + plain);
    EXPECT_EQ(found.how, progress::complete);
    EXPECT_EQ(found.answer.body, "{}");
    EXPECT_EQ(found.size, chunked.size());
  }
}

TEST(answer_reader, takes_a_body_without_a_length_to_the_end_of_the_connection) {
  answer_reader tested;
  const std::string open = "HTTP/1.1 200 OK\r\n\r\n{}";
  EXPECT_EQ(read(tested, open).how, progress::incomplete);
  const auto found = read(tested, open, /*ended=*/true);
  EXPECT_EQ(found.how, progress::complete);
  EXPECT_EQ(found.answer.body, "{}");
  EXPECT_TRUE(found.answer.last);
}

TEST(answer_reader, does_not_take_half_an_answer_for_a_whole_one_at_the_end) {
  answer_reader tested;
  EXPECT_EQ(read(tested, std::string_view{plain}.substr(0, plain.size() - 1), true).how,
            progress::incomplete);
}

TEST(answer_reader, passes_over_interim_answers) {
  answer_reader tested;
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
  const auto found = read(tested, interim + plain);
  EXPECT_EQ(found.answer.status, 200);
  EXPECT_EQ(found.size, interim.size() + plain.size());
}

TEST(answer_reader, refuses_what_is_not_http) {
  answer_reader tested;
  EXPECT_EQ(read(tested, "SSH-2.0-OpenSSH_9.2\r\n\r\n").how, progress::not_http);
  EXPECT_EQ(read(tested, "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n").how,
            progress::not_http);
}

}  // namespace
}  // namespace turnomatic::bench
