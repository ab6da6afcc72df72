// What the prover finds, case by case. Times are in nanoseconds.
#include "proof/prover.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <limits>

namespace turnomatic::bench {
namespace {

observation answer(std::uint64_t turn, moment sent, moment received, std::uint32_t connection = 0,
                   std::uint32_t id = 0) {
  return make_observation(id, connection, outcome::answered, false, turn, sent, received);
}

observation lost(moment sent, moment given_up, std::uint32_t connection = 0) {
  return make_observation(0, connection, outcome::unknown, false, 0, sent, given_up);
}

prover::setup one_host(std::size_t connections, std::size_t streams = 1) {
  return {.ids = 2,
          .depth = 4,
          .clock_of_stream = std::vector<std::uint8_t>(streams),
          .clock_of_connection = std::vector<std::uint8_t>(connections),
          .relation = {},
          .limits = {.recent = 4}};
}

verdict judge(const std::vector<observation>& what, std::uint64_t burned = 0) {
  prover tested{one_host(8)};
  tested.add(0, what, 1'000'000);
  tested.end(0);
  return tested.finish({.burned = burned});
}

TEST(prover, proves_consecutive_turns) {
  const verdict found = judge({answer(41, 0, 5), answer(42, 6, 9), answer(43, 10, 11)});
  EXPECT_EQ(found.violations(), 0U);
  EXPECT_EQ(found.turns, 3U);
  EXPECT_EQ(found.ids, 1U);
}

TEST(prover, proves_nothing_about_what_was_not_asked) {
  const verdict found = judge({});
  EXPECT_EQ(found.turns, 0U);
  EXPECT_EQ(found.ids, 0U);
}

TEST(prover, shows_both_answers_of_a_duplicate) {
  const verdict found = judge({answer(1, 0, 5, 0), answer(2, 0, 6, 1), answer(1, 7, 9, 2)});
  ASSERT_EQ(found.duplicates, 1U);
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].kind, violation::duplicate);
  ASSERT_TRUE(found.findings[0].first);
  EXPECT_EQ(found.findings[0].first->connection, 0U);
  EXPECT_EQ(found.findings[0].second->connection, 2U);
}

TEST(prover, finds_a_duplicate_whose_first_holder_it_has_forgotten) {
  prover tested{one_host(2)};
  for (std::uint64_t turn = 1; turn <= 20; ++turn) {
    const auto at = static_cast<moment>(turn * 10);
    tested.add(0, std::vector{answer(turn, at, at + 5)}, at + 6);
  }
  tested.add(0, std::vector{answer(1, 500, 510, 1)}, 600);
  tested.end(0);
  const verdict found = tested.finish({});
  EXPECT_EQ(found.duplicates, 1U);
  EXPECT_FALSE(found.findings.at(0).first);
}

TEST(prover, finds_a_request_that_was_sent_after_a_larger_turn_had_been_answered) {
  const verdict found = judge({answer(2, 0, 5, 0), answer(1, 6, 9, 1)});
  EXPECT_EQ(found.inversions, 1U);
  EXPECT_EQ(found.findings.at(0).first->turn, 2U);
  EXPECT_EQ(found.findings.at(0).second->turn, 1U);
}

TEST(prover, accepts_any_order_of_requests_that_were_under_way_together) {
  EXPECT_EQ(judge({answer(2, 0, 5, 0), answer(1, 5, 9, 1)}).violations(), 0U);
}

TEST(prover, finds_pipelined_answers_of_one_connection_in_the_wrong_order) {
  const verdict found = judge({answer(2, 0, 9, 0), answer(1, 1, 9, 0)});
  EXPECT_EQ(found.connection_inversions, 1U);
  EXPECT_EQ(found.inversions, 0U);
}

TEST(prover, leaves_a_request_that_was_sent_again_out_of_the_order_of_its_connection) {
  const observation again = make_observation(0, 0, outcome::answered, true, 1, 0, 20);
  EXPECT_EQ(judge({answer(2, 1, 9, 0), again}).violations(), 0U);
}

TEST(prover, finds_a_gap_that_nothing_explains) {
  const verdict found = judge({answer(1, 0, 5), answer(4, 6, 9)});
  EXPECT_EQ(found.missing, 2U);
  EXPECT_EQ(found.unexplained, 2U);
  EXPECT_EQ(found.findings.at(0).gap_first, 2U);
  EXPECT_EQ(found.findings.at(0).gap_last, 3U);
}

TEST(prover, explains_a_gap_by_a_request_of_unknown_outcome_once) {
  const verdict found = judge({answer(1, 0, 5), lost(3, 9), answer(4, 6, 9)});
  EXPECT_EQ(found.explained_by_unknown, 1U);
  EXPECT_EQ(found.unexplained, 1U);
}

TEST(prover, explains_no_gap_by_a_request_that_was_sent_too_late_for_it) {
  // The 3 had been answered at 9; what is sent at 10 cannot have taken the 2.
  const verdict found = judge({answer(1, 0, 5), answer(3, 6, 9), lost(10, 12), answer(4, 13, 15)});
  EXPECT_EQ(found.explained_by_unknown, 0U);
  EXPECT_EQ(found.unexplained, 1U);
}

TEST(prover, explains_gaps_by_the_account_of_the_server) {
  const verdict found = judge({answer(1, 0, 5), answer(4, 6, 9)}, 1);
  EXPECT_EQ(found.explained_by_account, 1U);
  EXPECT_EQ(found.unexplained, 1U);
  EXPECT_EQ(judge({answer(1, 0, 5), answer(4, 6, 9)}, 2).violations(), 0U);
}

TEST(prover, accuses_nobody_of_a_gap_when_an_account_was_lost) {
  prover tested{one_host(1)};
  tested.add(0, std::vector{answer(1, 0, 5), answer(4, 6, 9)}, 10);
  tested.end(0);
  const verdict found = tested.finish({.burned = 1, .lost = true});
  EXPECT_EQ(found.explained_by_account, 1U) << "another account was read";
  EXPECT_EQ(found.unexplained, 1U);
  EXPECT_EQ(found.violations(), 0U);
  EXPECT_TRUE(found.findings.empty());
}

TEST(prover, counts_answers_for_another_id_and_answers_without_a_turn) {
  const verdict found =
      judge({answer(1, 0, 5), make_observation(0, 1, outcome::wrong_id, false, 0, 0, 5),
             make_observation(0, 2, outcome::malformed, false, 0, 0, 5), answer(4, 6, 9)});
  EXPECT_EQ(found.wrong_ids, 1U);
  EXPECT_EQ(found.malformed, 1U);
  EXPECT_EQ(found.unexplained, 0U) << "either may have taken one of the missing turns";
}

TEST(prover, acquits_nobody_because_a_sum_of_gaps_is_beyond_counting) {
  constexpr std::size_t ids = 4096;
  auto how = one_host(1);
  how.ids = ids;
  prover tested{std::move(how)};
  for (std::uint32_t id = 0; id < ids; ++id) {
    const std::uint64_t gap = std::uint64_t{1} << 52;  // times 4096 it is 2^64
    tested.add(0, std::vector{answer(1, 0, 5, 0, id), answer(gap + 2, 6, 9, 0, id)}, 10);
  }
  const observation twice = answer(1, 20, 21);
  tested.add(0, std::vector{twice}, 30);
  tested.end(0);
  const verdict found = tested.finish({.burned = 1});
  EXPECT_EQ(found.missing, std::numeric_limits<std::uint64_t>::max());
  EXPECT_GT(found.unexplained, std::uint64_t{1} << 63);
  EXPECT_EQ(found.duplicates, 1U);
  EXPECT_GT(found.violations(), std::uint64_t{1} << 63) << "nor may this sum begin again";
}

TEST(prover, keeps_ids_apart) {
  const verdict found = judge({answer(1, 0, 5, 0, 0), answer(1, 6, 9, 0, 1)});
  EXPECT_EQ(found.violations(), 0U);
  EXPECT_EQ(found.ids, 2U);
}

TEST(prover, waits_with_a_gap_until_nobody_can_fill_it) {
  prover tested{one_host(2, 2)};
  tested.add(0, std::vector{answer(1, 0, 5, 0), answer(3, 6, 9, 0)}, 10);
  tested.add(1, {}, 2);  // a request of the other stream is under way since 2
  tested.add(1, std::vector{answer(2, 2, 30, 1)}, 40);
  tested.end(0);
  tested.end(1);
  EXPECT_EQ(tested.finish({}).violations(), 0U);
}

TEST(prover, finds_turns_from_before_the_first_of_the_run) {
  prover tested{one_host(1)};
  tested.add(0, std::vector{answer(100, 0, 5)}, 6);
  tested.add(0, std::vector{answer(50, 6, 9), answer(50, 10, 12)}, 20);
  tested.end(0);
  const verdict found = tested.finish({});
  EXPECT_EQ(found.inversions, 1U);
  EXPECT_EQ(found.duplicates, 1U);
}

TEST(prover, gives_up_when_there_are_more_gaps_than_it_may_hold) {
  auto how = one_host(1);
  how.limits.gaps = 3;
  prover tested{std::move(how)};
  for (std::uint64_t i = 1; i < 10; ++i) {
    const auto at = static_cast<moment>(i * 10);
    tested.add(0, std::vector{answer(i * 2, at, at + 1)}, at + 2);
  }
  // What the proof no longer follows must accuse nobody.
  for (std::uint64_t i = 1; i < 10; ++i)
    tested.add(0, std::vector{answer(i * 2 + 1, 5, 1000)}, 1001);
  tested.end(0);
  const verdict found = tested.finish({});
  EXPECT_TRUE(found.gave_up);
  EXPECT_EQ(found.violations(), 0U);
}

TEST(prover, compares_late_answers_of_one_host_whoever_closed_the_gap) {
  auto how = one_host(2, 2);
  how.relation = clocks{{0, 0}, {}};
  how.clock_of_stream = {0, 1};
  how.clock_of_connection = {0, 1};
  prover tested{std::move(how)};
  tested.add(1, {}, 100);
  tested.add(0, std::vector{answer(1, 0, 5, 0), answer(5, 6, 9, 0)}, 100);
  tested.add(1, std::vector{answer(3, 1000, 1010, 1), answer(2, 1020, 1030, 1)}, 2000);
  tested.end(0);
  tested.end(1);
  EXPECT_EQ(tested.finish({.burned = 1}).inversions, 1U);
}

// What one host brings fills, a second late, gaps that the other has left since: a step that went
// through all of them would take minutes here.
TEST(prover, fills_gaps_as_fast_however_many_there_are) {
  auto how = one_host(2, 2);
  how.relation = clocks{{0, 0}, {}};
  how.clock_of_stream = {0, 1};
  how.clock_of_connection = {0, 1};
  prover tested{std::move(how)};
  constexpr std::uint64_t turns = 150'000;
  constexpr std::uint64_t behind = 50'000;
  constexpr std::uint64_t in_a_block = 500;
  const auto bring = [&](std::uint32_t host, std::uint64_t first) {
    std::vector<observation> block;
    for (std::uint64_t i = first; i < first + in_a_block; ++i) {
      const auto at = static_cast<moment>(10 * i);
      block.push_back(answer(2 * i + 1 + host, at, at + 5, host));
    }
    tested.add(host, block, static_cast<moment>(10 * (first + in_a_block)));
  };
  const std::clock_t begin = std::clock();
  tested.add(1, {}, 10 * (turns + behind));  // its clock is ahead
  for (std::uint64_t i = 0; i < turns + behind; i += in_a_block) {
    if (i < turns)
      bring(0, i);
    if (i >= behind)
      bring(1, i - behind);
  }
  tested.end(0);
  tested.end(1);
  const verdict found = tested.finish({});
  EXPECT_EQ(found.turns, 2 * turns);
  EXPECT_EQ(found.missing, 0U);
  EXPECT_EQ(found.violations(), 0U);
  EXPECT_LT(std::clock() - begin, 10 * CLOCKS_PER_SEC) << "of this process, not of the wall";
}

TEST(prover, counts_gaps_that_are_open_and_not_those_that_were) {
  auto how = one_host(1, 2);
  how.limits.gaps = 1;
  how.relation = clocks{{0, 0}, {}};
  how.clock_of_stream = {0, 1};
  how.clock_of_connection = {0, 1};
  prover tested{std::move(how)};
  // Two hosts whose clocks disagree: what one brings is a gap until the other has brought its own.
  for (std::uint64_t i = 1; i < 50; ++i) {
    const auto at = static_cast<moment>(i * 10);
    tested.add(1, {}, at + 5);
    tested.add(0, std::vector{answer(i * 2, at, at + 1, 0)}, at + 5);
    tested.add(1, std::vector{answer(i * 2 - 1, at + 6, at + 7, 1)}, at + 8);
  }
  tested.end(0);
  tested.end(1);
  const verdict found = tested.finish({});
  EXPECT_FALSE(found.gave_up);
  EXPECT_EQ(found.violations(), 0U);
}

TEST(clocks, forge_nothing_however_large_the_stated_error) {
  constexpr moment most = std::numeric_limits<moment>::max();
  constexpr moment least = std::numeric_limits<moment>::min();
  const clocks relation{{0, 0}, most};
  EXPECT_FALSE(relation.certainly_before(most - 1, 0, most, 1));
  EXPECT_FALSE(relation.certainly_before(1, 0, 0, 1));
  EXPECT_FALSE(relation.certainly_before(5, 7));
  EXPECT_TRUE(relation.certainly_before(least, 1)) << "that far apart two moments can be";
}

TEST(prover, compares_two_hosts_only_as_far_as_their_clocks_allow) {
  const auto judge_two_hosts = [](std::optional<moment> error) {
    prover tested{{.ids = 1,
                   .depth = 1,
                   .clock_of_stream = {0, 1},
                   .clock_of_connection = {0, 1},
                   .relation = clocks{{0, 1000}, error},
                   .limits = {.recent = 4}}};
    tested.add(0, std::vector{answer(2, 1000, 1005, 0)}, 2000);
    tested.add(1, std::vector{answer(1, 20, 30, 1)}, 1000);  // 1020 on the common time line
    tested.end(0);
    tested.end(1);
    return tested.finish({});
  };
  EXPECT_EQ(judge_two_hosts(moment{5}).inversions, 1U);
  EXPECT_EQ(judge_two_hosts(moment{14}).inversions, 1U);
  EXPECT_EQ(judge_two_hosts(moment{15}).inversions, 0U);
  EXPECT_EQ(judge_two_hosts(std::numeric_limits<moment>::max()).inversions, 0U);
  EXPECT_EQ(judge_two_hosts({}).inversions, 0U);
}

}  // namespace
}  // namespace turnomatic::bench
