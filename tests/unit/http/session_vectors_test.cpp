// Every raw request against a session, whole and in pieces.
#include "session_bench.hpp"
#include "support/request_vectors.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

using support::request_vector;

// What the session answers when the bytes arrive in the pieces that end at `cuts`.
void expect_answers(const request_vector& v, const std::vector<std::size_t>& cuts) {
  session_bench bench;
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    bench.send(std::string_view{v.bytes}.substr(begin, end - begin));
    begin = end;
  }
  const support::parsed_answers parsed = bench.answers(v.bytes.starts_with("HEAD "));
  ASSERT_EQ(parsed.statuses(), v.statuses);
  ASSERT_FALSE(parsed.malformed);
  ASSERT_EQ(parsed.rest, "");
  ASSERT_EQ(bench.ended(), v.closes);
  const bool said_so = parsed.answers.back().fields.contains("connection") &&
                       parsed.answers.back().fields.at("connection") == "close";
  ASSERT_EQ(said_so, v.closes);
}

TEST(session_vectors, are_at_least_150) {
  EXPECT_GE(support::request_vectors().size(), 150U);
}

TEST(session_vectors, have_names_of_their_own) {
  std::set<std::string> names;
  for (const request_vector& v : support::request_vectors())
    names.insert(v.name);
  EXPECT_EQ(names.size(), support::request_vectors().size());
}

TEST(session_vectors, are_answered_when_they_arrive_whole) {
  for (const request_vector& v : support::request_vectors()) {
    SCOPED_TRACE(v.name);
    expect_answers(v, {v.bytes.size()});
  }
}

TEST(session_vectors, are_answered_when_they_arrive_byte_by_byte) {
  for (const request_vector& v : support::request_vectors()) {
    if (v.bytes.size() > 3000)
      continue;  // tens of kilobytes cost seconds and show no more
    SCOPED_TRACE(v.name);
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i <= v.bytes.size(); ++i)
      cuts.push_back(i);
    expect_answers(v, cuts);
  }
}

TEST(session_vectors, are_answered_wherever_they_are_cut_in_two) {
  for (const request_vector& v : support::request_vectors()) {
    if (v.bytes.size() > 120)
      continue;
    SCOPED_TRACE(v.name);
    for (std::size_t cut = 1; cut < v.bytes.size(); ++cut) {
      SCOPED_TRACE(cut);
      expect_answers(v, {cut, v.bytes.size()});
    }
  }
}

TEST(session_vectors, with_long_headers_are_answered_when_cut_around_their_limits) {
  for (const request_vector& v : support::request_vectors()) {
    if (v.bytes.size() <= 1000 || v.bytes.size() > 12000)
      continue;
    SCOPED_TRACE(v.name);
    for (std::size_t back = 1; back <= 8 && back < v.bytes.size(); ++back)
      expect_answers(v, {v.bytes.size() - back, v.bytes.size()});
  }
}

}  // namespace
}  // namespace turnomatic::http
