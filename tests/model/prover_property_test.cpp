// The prover against a judge that compares everything with everything, over random histories.
#include "model/random_history.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

constexpr std::uint64_t histories = 50'000;

using judgement = verdict (history_maker::*)(const history&);

void expect_no_sound_run_accused(judgement judge) {
  for (std::uint64_t seed = 0; seed < histories; ++seed) {
    history_maker maker{seed};
    const history made = maker.sound();
    const verdict found = (maker.*judge)(made);
    ASSERT_EQ(found.violations(), 0U) << "seed " << seed;
    ASSERT_EQ(found.missing, judge_plainly(made).missing) << "seed " << seed;
  }
}

/// What two judges say of one history.
struct opinions {
  verdict found;
  plain_verdict expected;
};

opinions judge_damaged(std::uint64_t seed, judgement judge) {
  history_maker maker{seed};
  history made = maker.sound();
  maker.damage(made);
  return {(maker.*judge)(made), judge_plainly(made)};
}

TEST(prover_property, never_accuses_a_sound_run) {
  expect_no_sound_run_accused(&history_maker::judge);
}

TEST(prover_property, never_accuses_a_sound_run_of_several_hosts) {
  expect_no_sound_run_accused(&history_maker::judge_as_hosts);
}

TEST(prover_property, finds_what_comparing_everything_finds_and_no_more) {
  std::uint64_t damaged = 0;
  for (std::uint64_t seed = 0; seed < histories; ++seed) {
    const auto [found, expected] = judge_damaged(seed, &history_maker::judge);
    ASSERT_EQ(found.violations() == 0, expected.sound()) << "seed " << seed;
    ASSERT_EQ(found.duplicates, expected.duplicates) << "seed " << seed;
    if (expected.duplicates == 0) {
      ASSERT_EQ(found.inversions + found.connection_inversions > 0, expected.out_of_order)
          << "seed " << seed;
    }
    ASSERT_EQ(found.wrong_ids + found.malformed, expected.faulty) << "seed " << seed;
    ASSERT_EQ(found.missing, expected.missing) << "seed " << seed;
    ASSERT_EQ(found.unexplained, expected.unexplained) << "seed " << seed;
    damaged += expected.sound() ? 0U : 1U;
  }
  EXPECT_GT(damaged, histories / 4) << "too few of the histories were worth judging";
}

// Clocks that disagree may hide that turns are out of order, and which request can have taken a
// missing one; nothing else, and they forge nothing.
TEST(prover_property, accuses_several_hosts_only_of_what_comparing_everything_finds) {
  std::uint64_t out_of_order = 0;
  std::uint64_t unexplained = 0;
  for (std::uint64_t seed = 0; seed < histories; ++seed) {
    const auto [found, expected] = judge_damaged(seed, &history_maker::judge_as_hosts);
    ASSERT_EQ(found.duplicates, expected.duplicates) << "seed " << seed;
    if (expected.duplicates == 0 && !expected.out_of_order) {
      ASSERT_EQ(found.inversions + found.connection_inversions, 0U) << "seed " << seed;
    }
    ASSERT_EQ(found.wrong_ids + found.malformed, expected.faulty) << "seed " << seed;
    ASSERT_EQ(found.missing, expected.missing) << "seed " << seed;
    ASSERT_LE(found.unexplained, expected.unexplained) << "seed " << seed;
    out_of_order += found.inversions + found.connection_inversions;
    unexplained += found.unexplained;
  }
  EXPECT_GT(out_of_order, histories / 20) << "too little was found";
  EXPECT_GT(unexplained, histories / 20) << "too little was found";
}

}  // namespace
}  // namespace turnomatic::bench
