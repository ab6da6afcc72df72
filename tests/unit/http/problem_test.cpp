#include "http/problem.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace turnomatic::http {
namespace {

TEST(problem_table, has_slugs_of_their_own_in_plain_words) {
  std::set<std::string_view> slugs;
  for (const problem_description& row : problem_table()) {
    slugs.insert(row.slug);
    EXPECT_EQ(row.slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos);
  }
  EXPECT_EQ(slugs.size(), problem_count);
}

TEST(problem_table, holds_texts_that_need_no_escaping_in_json) {
  for (const problem_description& row : problem_table()) {
    for (const std::string_view text : {row.title, row.detail}) {
      EXPECT_FALSE(text.empty());
      EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != '"' && c != '\\';
      })) << text;
    }
  }
}

TEST(problem_table, asks_to_retry_exactly_with_429_and_503) {
  for (const problem_description& row : problem_table())
    EXPECT_EQ(row.retry_after, row.status == 429 || row.status == 503) << row.slug;
}

TEST(problem_table, has_statuses_with_reason_phrases) {
  for (const problem_description& row : problem_table())
    EXPECT_FALSE(reason_phrase(row.status).empty()) << row.slug;
}

TEST(problem_table, leaves_the_outcome_open_only_where_it_is) {
  for (const problem_description& row : problem_table())
    EXPECT_EQ(row.outcome_unknown, row.what == problem::outcome_unknown) << row.slug;
}

TEST(problem, of_each_rejection_has_the_status_of_the_contract) {
  const std::pair<rejection, int> rows[] = {
      {rejection::malformed, 400},          {rejection::bad_target, 400},
      {rejection::bad_host, 400},           {rejection::bad_framing, 400},
      {rejection::body_not_allowed, 413},   {rejection::target_too_long, 414},
      {rejection::header_too_large, 431},   {rejection::header_timeout, 408},
      {rejection::method_unknown, 501},     {rejection::version_unsupported, 505},
      {rejection::expectation_unknown, 417}};
  ASSERT_EQ(std::size(rows), rejection_count);
  for (const auto& [why, status] : rows) {
    const problem_description& row = describe(problem_of(why));
    EXPECT_EQ(row.status, status);
    EXPECT_EQ(row.close, why != rejection::method_unknown) << row.slug;
  }
}

TEST(problem, of_an_error_agrees_with_its_class) {
  for (int value = 1; value <= static_cast<int>(errc::not_supported); ++value) {
    const boost::system::error_code error{value, turnomatic_category()};
    const problem_description& row = describe(problem_of(error));
    EXPECT_EQ(row.outcome_unknown, classify(error) == error_class::outcome_unknown) << row.slug;
    EXPECT_TRUE(row.retry_after || classify(error) != error_class::retryable) << row.slug;
  }
}

TEST(problem, of_a_foreign_error_leaves_the_outcome_open) {
  EXPECT_EQ(problem_of(boost::system::error_code{5, boost::system::system_category()}),
            problem::outcome_unknown);
}

}  // namespace
}  // namespace turnomatic::http
