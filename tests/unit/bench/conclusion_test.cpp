#include "report/conclusion.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

TEST(conclusion, is_proven_when_turns_came_and_nothing_was_violated) {
  const verdict proof{.turns = 3, .ids = 1, .findings = {}};
  EXPECT_EQ(conclusion_of(proof), conclusion::proven);
  EXPECT_EQ(sentence_about(proof), "3 turns over 1 id: none twice, none out of order, no gap.");
}

TEST(conclusion, is_proven_when_every_missing_turn_is_explained) {
  const verdict proof{
      .turns = 3, .ids = 2, .missing = 1, .explained_by_unknown = 1, .findings = {}};
  EXPECT_EQ(conclusion_of(proof), conclusion::proven);
  EXPECT_EQ(sentence_about(proof),
            "3 turns over 2 ids: none twice, none out of order, every gap explained.");
}

TEST(conclusion, is_violated_by_a_single_violation_of_any_kind) {
  struct row {
    const char* name;
    std::uint64_t verdict::*count;
  };
  for (const auto& [name, count] :
       {row{"duplicates", &verdict::duplicates}, row{"inversions", &verdict::inversions},
        row{"connection_inversions", &verdict::connection_inversions},
        row{"unexplained", &verdict::unexplained}, row{"wrong_ids", &verdict::wrong_ids},
        row{"malformed", &verdict::malformed}}) {
    verdict proof{.turns = 1'000, .ids = 1, .findings = {}};
    proof.*count = 1;
    EXPECT_EQ(conclusion_of(proof), conclusion::violated) << name;
    EXPECT_EQ(sentence_about(proof), "1 violation in 1,000 turns over 1 id.") << name;
  }
}

TEST(conclusion, is_violated_even_when_no_turn_was_answered_or_the_proof_was_given_up) {
  verdict proof{.malformed = 1, .findings = {}};
  EXPECT_EQ(conclusion_of(proof), conclusion::violated);
  proof.gave_up = true;
  EXPECT_EQ(conclusion_of(proof), conclusion::violated);
  EXPECT_NE(sentence_about(proof).find("There may be more"), std::string::npos);
}

TEST(conclusion, is_not_proven_without_a_turn) {
  EXPECT_EQ(conclusion_of({}), conclusion::not_proven);
  EXPECT_EQ(sentence_about({}), "No turn was answered.");
}

TEST(conclusion, is_not_proven_when_the_gaps_became_too_many) {
  const verdict proof{.turns = 5, .ids = 1, .gave_up = true, .findings = {}};
  EXPECT_EQ(conclusion_of(proof), conclusion::not_proven);
  EXPECT_EQ(sentence_about(proof), "The gaps became too many to follow, after 5 turns over 1 id.");
}

TEST(conclusion, is_not_proven_when_the_account_that_might_explain_the_gaps_was_lost) {
  verdict proof{
      .turns = 5, .ids = 1, .missing = 1, .unexplained = 1, .account_lost = true, .findings = {}};
  EXPECT_EQ(conclusion_of(proof), conclusion::not_proven);
  EXPECT_EQ(proof.violations(), 0U);
  EXPECT_EQ(sentence_about(proof),
            "The account that might explain 1 missing turn could not be read, after 5 turns over 1 "
            "id.");
  proof.unexplained = 0;
  EXPECT_EQ(conclusion_of(proof), conclusion::proven) << "there was nothing to explain";
  proof.unexplained = 1;
  proof.duplicates = 1;
  EXPECT_EQ(conclusion_of(proof), conclusion::violated) << "no account explains a duplicate";
  EXPECT_EQ(proof.violations(), 1U);
}

TEST(conclusion, has_a_name_a_headline_and_an_exit_status) {
  EXPECT_EQ(name_of(conclusion::proven), "proven");
  EXPECT_EQ(headline_of(conclusion::proven), "PROVEN");
  EXPECT_EQ(exit_status(conclusion::proven), 0);
  EXPECT_EQ(name_of(conclusion::violated), "violated");
  EXPECT_EQ(headline_of(conclusion::violated), "VIOLATED");
  EXPECT_EQ(exit_status(conclusion::violated), 1);
  EXPECT_EQ(name_of(conclusion::not_proven), "not_proven");
  EXPECT_EQ(headline_of(conclusion::not_proven), "NOTHING PROVEN");
  EXPECT_EQ(exit_status(conclusion::not_proven), 2);
}

}  // namespace
}  // namespace turnomatic::bench
