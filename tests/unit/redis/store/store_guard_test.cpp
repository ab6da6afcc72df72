#include "backend/redis/store/store_guard.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

store_guard::settings of_host(std::string pinned = {}) {
  return {.pinned_store_id = std::move(pinned),
          .instance = "host",
          .marked_ids = 1000,
          .seed = 1,
          .draw_token = [drawn = 0]() mutable { return std::to_string(++drawn); }};
}

/// An instance of two lanes that has met the store "s1" in its first run.
struct known_store : store_guard {
  known_store() : store_guard{of_host()} {
    EXPECT_EQ(join([] {}), 0U);
    EXPECT_EQ(join([] {}), 1U);
    EXPECT_EQ(meet_store("s1"), store_loss::none);
    EXPECT_EQ(meet_run(0, "run1"), 1U);
  }
};

// ---- which store

TEST(store_guard, takes_the_first_store_as_it_is) {
  store_guard guard{of_host()};
  EXPECT_FALSE(guard.is_known());
  EXPECT_TRUE(guard.may_found());
  EXPECT_EQ(guard.store_id(), "");
  EXPECT_EQ(guard.meet_store("s1"), store_loss::none);
  EXPECT_EQ(guard.store_id(), "s1");
  EXPECT_FALSE(guard.may_found());
  EXPECT_FALSE(guard.raises_adopted()) << "nothing was issued";
}

TEST(store_guard, accepts_only_the_store_that_it_was_told_to_expect) {
  store_guard guard{of_host("s1")};
  EXPECT_FALSE(guard.may_found());
  EXPECT_EQ(guard.meet_store(""), store_loss::emptied);
  EXPECT_EQ(guard.meet_store("s2"), store_loss::exchanged);
  EXPECT_EQ(guard.meet_store("s1"), store_loss::none);
}

TEST(store_guard, shows_the_worst_that_any_lane_sees_and_counts_it_once) {
  known_store guard;
  guard.lane_lost(0, store_loss::emptied);
  guard.lane_lost(1, store_loss::exchanged);
  EXPECT_EQ(guard.loss(), store_loss::exchanged);
  EXPECT_EQ(guard.notes.read().losses, 1U);
  guard.lane_lost(1, store_loss::exchanged);
  EXPECT_EQ(guard.notes.read().losses, 1U) << "seen at every try";
}

TEST(store_guard, lets_only_the_lane_that_saw_a_wrong_store_take_it_back) {
  known_store guard;
  guard.lane_lost(0, store_loss::exchanged);
  guard.lane_recovered(1);
  EXPECT_EQ(guard.loss(), store_loss::exchanged);
  guard.lane_recovered(0);
  EXPECT_EQ(guard.loss(), store_loss::none);
  guard.lane_lost(1, store_loss::emptied);
  EXPECT_EQ(guard.notes.read().losses, 2U) << "this is another";
}

TEST(store_guard, adopts_the_next_store_and_has_it_raised) {
  known_store guard;
  EXPECT_EQ(guard.meet_store("s2"), store_loss::exchanged);
  guard.adopt();
  EXPECT_TRUE(guard.may_found()) << "it may have been emptied";
  EXPECT_EQ(guard.meet_store(""), store_loss::emptied) << "not before it has an id";
  EXPECT_EQ(guard.meet_store("s2"), store_loss::none);
  EXPECT_TRUE(guard.raises_adopted());
  EXPECT_FALSE(guard.may_found());
  guard.adopted_raised();
  EXPECT_FALSE(guard.raises_adopted());
  EXPECT_EQ(guard.meet_store("s1"), store_loss::exchanged) << "the old one is the strange one now";
}

// One operator's word to one instance is enough.
TEST(store_guard, follows_to_the_store_for_which_its_own_was_given_up) {
  known_store guard;
  EXPECT_EQ(guard.meet_store("s2", "s1"), store_loss::exchanged)
      << "not while the configuration alone knows s1";
  guard.note_known();
  EXPECT_EQ(guard.meet_store("s3", "s2"), store_loss::exchanged);
  EXPECT_EQ(guard.meet_store("s2", "s1"), store_loss::none);
  EXPECT_TRUE(guard.raises_adopted());
  EXPECT_EQ(guard.store_id(), "s2");
}

// The next loss, weeks later, is another decision.
TEST(store_guard, forgets_an_adoption_when_the_right_store_is_back) {
  known_store guard;
  guard.adopt();
  EXPECT_EQ(guard.meet_store("s1"), store_loss::none);
  EXPECT_FALSE(guard.may_found());
  EXPECT_EQ(guard.meet_store("s2"), store_loss::exchanged);
}

TEST(store_guard, goes_by_a_new_name_when_a_copy_of_the_process_has_the_old_one) {
  known_store guard;
  EXPECT_EQ(guard.instance(), "host:1");
  guard.rename_instance();
  EXPECT_EQ(guard.instance(), "host:2");
}

// ---- runs and recovery

TEST(store_guard, numbers_the_runs_as_lanes_meet_them) {
  known_store guard;
  EXPECT_EQ(guard.meet_run(0, "run1"), 1U);
  EXPECT_EQ(guard.meet_run(0, "run2"), 2U);
  EXPECT_EQ(guard.run_number(), 2U);
}

struct verdict_row {
  const char* name;
  standing first;
  standing second;
  bool gave_up;
  standing expected;
};

void PrintTo(const verdict_row& row, std::ostream* out) {
  *out << row.name;
}

class store_guard_verdict : public testing::TestWithParam<verdict_row> {};

TEST_P(store_guard_verdict, is_there_when_all_lanes_have_posted) {
  known_store guard;
  const std::uint64_t run = guard.meet_run(0, "run2");
  if (GetParam().gave_up)
    guard.note_given_up();
  for (const auto& [lane, found] : {std::pair{0U, GetParam().first}, {1U, GetParam().second}}) {
    if (found != standing::unknown)
      guard.post(lane, run, found);
    EXPECT_EQ(guard.found_by(lane), found);
  }
  EXPECT_EQ(guard.found(), GetParam().expected);
}

using enum standing;
INSTANTIATE_TEST_SUITE_P(
    table, store_guard_verdict,
    testing::Values(verdict_row{"nobody", unknown, unknown, false, unknown},
                    verdict_row{"one_of_two", in_place, unknown, false, unknown},
                    verdict_row{"one_behind_of_two", behind, unknown, false, unknown},
                    verdict_row{"all_in_place", in_place, in_place, false, in_place},
                    verdict_row{"one_behind", in_place, behind, false, behind},
                    verdict_row{"a_record_was_given_up", in_place, in_place, true, behind},
                    verdict_row{"given_up_and_not_all", unknown, in_place, true, unknown}),
    [](const auto& row) { return row.param.name; });

TEST(store_guard, forgets_verdicts_of_an_earlier_run) {
  known_store guard;
  guard.post(0, 1, behind);
  guard.post(1, 1, behind);
  EXPECT_EQ(guard.found(), behind);
  const std::uint64_t second = guard.meet_run(0, "run2");
  EXPECT_EQ(guard.found(), unknown);
  guard.post(0, second - 1, behind);
  EXPECT_EQ(guard.found_by(0), unknown) << "that was said of another run";
}

TEST(store_guard, has_one_lane_speak_for_all_until_it_lets_go) {
  known_store guard;
  auto part = guard.claim_part(1);
  ASSERT_TRUE(part);
  part->note_raised();
  EXPECT_FALSE(guard.claim_part(1));
  part.reset();
  part = guard.claim_part(1);
  ASSERT_TRUE(part);
  EXPECT_TRUE(part->raised()) << "the next speaker goes on where the last one ceased";
}

TEST(store_guard, has_a_part_for_each_closing_and_none_for_lanes_of_an_earlier_run) {
  known_store guard;
  const auto first = guard.claim_part(1);
  ASSERT_TRUE(first);
  first->note_raised();
  EXPECT_EQ(guard.meet_run(0, "run2"), 2U);
  EXPECT_FALSE(guard.claim_part(1));
  const auto second = guard.claim_part(2);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->raised());
  second->note_raised();
  guard.note_open(2);
  const auto third = guard.claim_part(2);
  ASSERT_TRUE(third);
  EXPECT_FALSE(third->raised());
}

TEST(recovery_part, hears_when_marks_came_in_last) {
  recovery_part part;
  EXPECT_EQ(part.marks_heard(), "0");
  part.hear_marks("0", time_point{1s});
  EXPECT_EQ(part.quiet_since(), time_point{});
  part.hear_marks("2", time_point{2s});
  part.hear_marks("2", time_point{3s});
  EXPECT_EQ(part.marks_heard(), "2");
  EXPECT_EQ(part.quiet_since(), time_point{2s});
}

TEST(store_guard, measures_a_closed_store_from_the_first_sight_of_it_in_a_run) {
  known_store guard;
  EXPECT_FALSE(guard.recovering_since());
  EXPECT_EQ(guard.claim_part(1)->since(time_point{10s}), time_point{10s});
  EXPECT_EQ(guard.claim_part(1)->since(time_point{11s}), time_point{10s});
  EXPECT_EQ(guard.recovering_since(), time_point{10s});
  EXPECT_EQ(guard.meet_run(0, "run2"), 2U);
  EXPECT_FALSE(guard.recovering_since());
  EXPECT_EQ(guard.claim_part(2)->since(time_point{12s}), time_point{12s});
  guard.notes.set_awaited(" other ");
  EXPECT_EQ(guard.notes.read().awaited, " other ");
  guard.note_open(guard.run_number());
  EXPECT_FALSE(guard.recovering_since());
  EXPECT_EQ(guard.notes.read().awaited, "");
}

// Nobody in this run knows of a closing yet: the first who does tells the others nothing new.
TEST(store_guard, takes_the_first_closing_of_a_run_for_that_of_the_restart) {
  known_store guard;
  const std::uint64_t run = guard.run_number();
  EXPECT_EQ(guard.closing(), "");
  EXPECT_EQ(guard.meet_closing(0, run, "1"), run);
  EXPECT_EQ(guard.closing(), "1");
  EXPECT_EQ(guard.meet_closing(1, run, "1"), run);
}

TEST(store_guard, makes_all_lanes_end_their_connections_when_an_open_store_is_closed) {
  known_store guard;
  const std::uint64_t run = guard.meet_run(1, "run1");
  guard.note_open(run);
  guard.post(1, run, standing::in_place);
  EXPECT_EQ(guard.meet_closing(0, run, "1"), run + 1) << "the lane that was told has begun anew";
  EXPECT_EQ(guard.run_number(), run + 1);
  EXPECT_EQ(guard.found_by(1), standing::unknown);
  EXPECT_FALSE(guard.all_have_ended());
  EXPECT_EQ(guard.meet_closing(1, run, "1"), run) << "this one has to end its connection";
  guard.note_open(run);
  EXPECT_EQ(guard.closing(), "1") << "that was said before";
}

TEST(store_guard, begins_anew_at_each_closing) {
  known_store guard;
  const std::uint64_t run = guard.run_number();
  EXPECT_EQ(guard.meet_closing(0, run, "1"), run);
  EXPECT_EQ(guard.meet_closing(0, run, "2"), run + 1);
}

}  // namespace
}  // namespace turnomatic::redis
