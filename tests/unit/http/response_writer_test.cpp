#include "http/response_writer.hpp"

#include "support/http_answer.hpp"

#include <turnomatic/counter_id.hpp>
#include <turnomatic/turn.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace turnomatic::http {
namespace {

using nlohmann::json;
using support::parse_answers;

const response_writer writer{std::chrono::system_clock::time_point{std::chrono::seconds{0}}};

TEST(response_writer, writes_the_date_of_http) {
  std::string out;
  writer.append_turn(out, "a", 1, {});
  EXPECT_EQ(parse_answers(out).answers.at(0).fields.at("date"), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(response_writer, states_the_length_of_every_turn_truthfully) {
  for (const std::size_t id_size : {std::size_t{1}, std::size_t{6}, counter_id::size_max}) {
    const std::string id(id_size, 'x');
    for (std::uint64_t turn = 1; turn <= turn_max;
         turn = turn < turn_max / 10 ? turn * 10 : turn_max + 1) {
      for (const std::uint64_t each : {turn, turn * 10 - 1 > turn_max ? turn_max : turn * 10 - 1}) {
        std::string out;
        writer.append_turn(out, id, each, {});
        const auto parsed = parse_answers(out);
        ASSERT_EQ(parsed.answers.size(), 1U);
        ASSERT_EQ(parsed.rest, "");
        ASSERT_EQ(support::turn_of(parsed.answers[0].body, id), each);
      }
    }
  }
}

TEST(response_writer, says_what_becomes_of_the_connection) {
  for (const auto& [field, text] : {std::pair{connection_field::close, "close"},
                                    std::pair{connection_field::keep_alive, "keep-alive"}}) {
    std::string out;
    writer.append_turn(out, "a", 1, {.connection = field});
    writer.append_problem(out, describe(problem::not_found), {.connection = field}, {}, 1);
    writer.append_document(out, 200, "text/plain", "x", {.connection = field}, 1);
    const auto parsed = parse_answers(out);
    ASSERT_EQ(parsed.answers.size(), 3U);
    for (const auto& answer : parsed.answers)
      EXPECT_EQ(answer.fields.at("connection"), text);
  }
}

TEST(response_writer, writes_every_problem_as_rfc_9457_has_it) {
  for (const problem_description& row : problem_table()) {
    std::string out;
    writer.append_problem(out, row, {}, {}, 2);
    const auto parsed = parse_answers(out);
    ASSERT_EQ(parsed.answers.size(), 1U) << row.slug;
    const auto& answer = parsed.answers[0];
    EXPECT_EQ(answer.status, row.status);
    EXPECT_EQ(answer.fields.at("content-type"), "application/problem+json");
    EXPECT_EQ(answer.fields.at("cache-control"), "no-store");
    EXPECT_EQ(answer.fields.count("retry-after"), row.retry_after ? 1U : 0U);
    const json body = json::parse(answer.body);
    EXPECT_EQ(body["type"], "urn:turnomatic:problem:" + std::string{row.slug});
    EXPECT_EQ(body["status"], row.status);
    EXPECT_EQ(body["applied"], row.outcome_unknown ? "unknown" : "no");
    EXPECT_TRUE(body.contains("title") && body.contains("detail"));
  }
}

TEST(response_writer, says_with_a_401_how_to_authenticate_and_with_nothing_else) {
  for (const problem_description& row : problem_table()) {
    std::string out;
    writer.append_problem(out, row, {}, "GET, POST", 1);
    const auto fields = parse_answers(out).answers.at(0).fields;
    EXPECT_EQ(fields.count("www-authenticate"), row.status == 401 ? 1U : 0U) << row.slug;
    EXPECT_EQ(fields.at("allow"), "GET, POST") << row.slug;
  }
}

TEST(response_writer, leaves_the_content_out_of_an_answer_to_head) {
  std::string problem;
  writer.append_problem(problem, describe(problem::method_not_allowed), {.head_only = true}, {}, 1);
  EXPECT_TRUE(problem.ends_with("\r\n\r\n"));
  EXPECT_GT(std::stoul(parse_answers(problem, true).answers.at(0).fields.at("content-length")), 0U);
  std::string out;
  writer.append_document(out, 200, "text/plain", "12345", {.head_only = true}, 1);
  EXPECT_TRUE(out.ends_with("Content-Length: 5\r\n\r\n"));
}

}  // namespace
}  // namespace turnomatic::http
