#include "backend/redis/store_guard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace turnomatic::redis {
namespace {

/// A guard whose first lane has found a store and raised it.
struct counting_guard : store_guard {
  counting_guard() : store_guard{"", 1000, 1} { EXPECT_EQ(arrive("g1", "run1"), admission::count); }
};

TEST(store_guard, takes_the_first_store_as_it_is) {
  store_guard guard{"", 1000, 1};
  EXPECT_FALSE(guard.known());
  EXPECT_TRUE(guard.may_found());
  EXPECT_EQ(guard.arrive("g1", "run1"), admission::count);
  EXPECT_TRUE(guard.known());
  EXPECT_FALSE(guard.may_found());
  EXPECT_EQ(guard.genesis(), "g1");
  EXPECT_EQ(guard.raisings(), 0U);
}

TEST(store_guard, counts_only_at_the_store_that_is_expected) {
  store_guard guard{"g1", 1000, 1};
  EXPECT_FALSE(guard.may_found());
  EXPECT_EQ(guard.arrive("g2", "run1"), admission::halted);
  EXPECT_EQ(guard.loss(), store_loss::exchanged);
  EXPECT_EQ(guard.arrive("", "run1"), admission::halted);
  EXPECT_EQ(guard.loss(), store_loss::emptied);
  EXPECT_EQ(guard.losses(), 1U);
  EXPECT_FALSE(guard.known());
}

TEST(store_guard, has_one_lane_raise_after_a_restart_and_the_others_wait) {
  counting_guard guard;
  EXPECT_EQ(guard.arrive("g1", "run2"), admission::raise);
  EXPECT_EQ(guard.raisings(), 1U);
  EXPECT_EQ(guard.arrive("g1", "run2"), admission::wait);
  EXPECT_EQ(guard.arrive("g1", "run1"), admission::wait);
  guard.raised(true);
  EXPECT_EQ(guard.arrive("g1", "run2"), admission::count);
  EXPECT_EQ(guard.raisings(), 1U);
}

TEST(store_guard, has_the_next_lane_raise_when_the_first_could_not) {
  counting_guard guard;
  EXPECT_EQ(guard.arrive("g1", "run2"), admission::raise);
  guard.raised(false);
  EXPECT_EQ(guard.arrive("g1", "run2"), admission::raise);
  EXPECT_EQ(guard.raisings(), 1U) << "the server has restarted once";
}

TEST(store_guard, has_a_store_raised_that_is_whole_again) {
  counting_guard guard;
  EXPECT_TRUE(guard.lose(store_loss::emptied, "g1"));
  EXPECT_TRUE(guard.halted());
  EXPECT_EQ(guard.arrive("", "run1"), admission::halted);
  EXPECT_EQ(guard.arrive("g1", "run1"), admission::raise) << "it may be a backup";
  EXPECT_FALSE(guard.halted());
  EXPECT_EQ(guard.losses(), 1U);
}

TEST(store_guard, adopts_another_store_and_raises_it) {
  counting_guard guard;
  EXPECT_EQ(guard.arrive("g2", "run9"), admission::halted);
  guard.adopt();
  EXPECT_EQ(guard.arrive("g2", "run9"), admission::raise);
  guard.raised(true);
  EXPECT_EQ(guard.genesis(), "g2");
  EXPECT_EQ(guard.arrive("g2", "run9"), admission::count);
  EXPECT_EQ(guard.arrive("g1", "run1"), admission::halted) << "the old one is the strange one now";
}

TEST(store_guard, counts_one_loss_whatever_a_lane_says_that_has_not_heard_of_the_adoption) {
  counting_guard guard;
  EXPECT_TRUE(guard.lose(store_loss::emptied, "g1"));
  EXPECT_TRUE(guard.lose(store_loss::exchanged, "g1"));
  guard.adopt();
  EXPECT_EQ(guard.arrive("g2", "run1"), admission::raise);
  guard.note_skipped();  // it is part of that loss
  guard.raised(true);
  EXPECT_FALSE(guard.lose(store_loss::exchanged, "g1"));
  EXPECT_FALSE(guard.halted());
  EXPECT_EQ(guard.losses(), 1U);
  guard.note_skipped();
  EXPECT_EQ(guard.losses(), 2U) << "this is another";
}

TEST(store_guard, founds_an_emptied_store_again_only_when_it_is_adopted) {
  counting_guard guard;
  EXPECT_EQ(guard.arrive("", "run1"), admission::halted);
  EXPECT_FALSE(guard.may_found());
  guard.adopt();
  EXPECT_TRUE(guard.may_found());
  EXPECT_EQ(guard.arrive("", "run1"), admission::halted) << "not before it has a genesis";
  EXPECT_EQ(guard.arrive("g3", "run1"), admission::raise);
  guard.raised(true);
  EXPECT_FALSE(guard.may_found());
}

TEST(store_guard, remembers_who_was_behind_until_it_counts_again) {
  counting_guard guard;
  EXPECT_TRUE(guard.note_behind({"a", 3, 7}));
  EXPECT_FALSE(guard.note_behind({"a", 3, 7})) << "known";
  EXPECT_TRUE(guard.is_behind("a"));
  EXPECT_FALSE(guard.is_behind("b"));
  ASSERT_EQ(guard.behind().size(), 1U);
  EXPECT_EQ(guard.behind().front().issued, 7U);
  guard.note_counting_again("a");
  EXPECT_FALSE(guard.any_behind());
  EXPECT_EQ(guard.losses(), 1U) << "lost once, however often it was asked for";
  EXPECT_TRUE(guard.note_behind({"a", 8, 9}));
  EXPECT_EQ(guard.losses(), 2U);
}

TEST(store_guard, remembers_so_many_and_no_more) {
  counting_guard guard;
  for (std::size_t i = 0; i < store_guard::lost_counters_max + 10; ++i)
    EXPECT_TRUE(guard.note_behind({"id" + std::to_string(i), 1, 2}));
  EXPECT_EQ(guard.behind().size(), store_guard::lost_counters_max);
  EXPECT_EQ(guard.losses(), store_guard::lost_counters_max + 10);
}

}  // namespace
}  // namespace turnomatic::redis
