#include "backend/redis/shard/packet_account.hpp"

#include "unit/redis/resp_reply.hpp"
#include "unit/redis/shard_bench.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

/// A packet of `a` for three turns and `b` for one is under way.
class packet_account_test : public testing::Test {
 protected:
  using fate = take_protocol::fate;

  packet_account_test() {
    ask(a_, "a", 3);
    ask(b_, "b", 1);
    EXPECT_TRUE(tested_.fill(shop_.now));
    EXPECT_EQ(tested_.size(), 2U);
  }
  void ask(request& take, std::string_view id, std::uint32_t turns) {
    EXPECT_EQ(take.id->text(), id);
    EXPECT_EQ(take.count, turns);
    EXPECT_TRUE(waiting_.enqueue(take));
  }
  void executed(const std::string& results) {
    const resp_reply answer{results};
    EXPECT_TRUE(
        tested_.end({.packet = fate::executed, .results = &answer.value()}, 1ms, late_, shop_.now));
    EXPECT_EQ(tested_.size(), 0U);
  }
  void ends(fate packet, time_point when) {
    EXPECT_FALSE(tested_.end({.packet = packet}, 1ms, late_, when));
  }
  [[nodiscard]] std::uint64_t mark(std::string_view id) {
    high_water_table::place unused = nullptr;
    return guard_.marks.highest(*counter_id::from_text(id), unused);
  }
  [[nodiscard]] std::uint64_t burned(burn_reason why) const {
    return events_.burned[index_of(why)];
  }

  workshop shop_;
  store_guard guard_{shop_.guard_settings()};
  recording_store_observer events_;
  coalescer waiting_{{}, 1};
  packet_account tested_{{waiting_, guard_, events_}};
  request a_{shop_, "a", 3, 1s};
  request b_{shop_, "b", 1, 1s};
  burn_reason late_{burn_reason::deadline};
};

TEST_F(packet_account_test, is_empty_when_nothing_waits) {
  tested_.fail(errc::unavailable);
  EXPECT_FALSE(tested_.fill(shop_.now));
  EXPECT_EQ(tested_.size(), 0U);
}

TEST_F(packet_account_test, hands_turns_out_and_raises_the_marks_to_them) {
  executed("*2\r\n:10\r\n:7\r\n");
  EXPECT_EQ(a_.range(), (turn_range{8, 3}));
  EXPECT_EQ(b_.range(), (turn_range{7, 1}));
  EXPECT_EQ(mark("a"), 10U);
  EXPECT_EQ(mark("b"), 7U);
  EXPECT_EQ(events_.answered, 4U);
}

TEST_F(packet_account_test, carries_the_marks_as_they_are_when_it_is_filled) {
  executed("*2\r\n:10\r\n:7\r\n");
  request again{shop_, "a", 1, 1s};
  EXPECT_TRUE(waiting_.enqueue(again));
  guard_.marks.raise(*counter_id::from_text("a"), 12);  // another lane
  EXPECT_TRUE(tested_.fill(shop_.now));
  EXPECT_EQ(tested_.marks().front(), 12U);
  tested_.fail(errc::unavailable);
}

struct result_row {
  const char* name;
  const char* result;  ///< of three turns of `a`, whose mark is 0
  errc error;
  std::uint64_t unknown;  ///< turns that are burned
};

void PrintTo(const result_row& row, std::ostream* out) {
  *out << row.name;
}

class packet_account_result : public packet_account_test,
                              public testing::WithParamInterface<result_row> {};

TEST_P(packet_account_result, fails_for_its_batch_alone) {
  executed("*2\r\n" + std::string{GetParam().result} + ":7\r\n");
  EXPECT_EQ(a_.error(), GetParam().error);
  EXPECT_EQ(b_.range(), (turn_range{7, 1}));
  EXPECT_EQ(burned(burn_reason::outcome_unknown), GetParam().unknown);
  EXPECT_EQ(events_.all_burned(), GetParam().unknown);
  EXPECT_EQ(mark("a"), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    table, packet_account_result,
    testing::Values(result_row{"behind", "$3\r\nb 2\r\n", errc::store_behind, 0},
                    result_row{"halted", "$3\r\nh 7\r\n", errc::store_behind, 0},
                    result_row{"exhausted", "$1\r\ne\r\n", errc::counter_exhausted, 0},
                    result_row{"spoilt", "$1\r\nx\r\n", errc::unavailable, 0},
                    result_row{"full", "$11\r\nE OOM full.\r\n", errc::store_full, 0},
                    result_row{"unwritten", "$8\r\nE NOPERM\r\n", errc::unavailable, 0},
                    result_row{"malformed", "$1\r\n?\r\n", errc::outcome_unknown, 3}),
    [](const auto& row) { return row.param.name; });

TEST_F(packet_account_test, counts_no_loss_where_others_have_halted_a_counter) {
  executed("*2\r\n$3\r\nh 7\r\n:7\r\n");
  EXPECT_EQ(guard_.notes.read().losses, 0U);
  EXPECT_EQ(events_.detail(store_event::counter_behind), "a is halted at 7, issued here up to 0");
  ASSERT_EQ(guard_.halted.list().size(), 1U);
  EXPECT_EQ(guard_.halted.list().front().found, 7U);
}

TEST_F(packet_account_test, counts_what_was_taken_for_nobody) {
  (void)waiting_.expire(shop_.now + 2s);
  EXPECT_EQ(a_.error(), errc::outcome_unknown);
  executed("*2\r\n:3\r\n:1\r\n");
  EXPECT_EQ(burned(burn_reason::deadline), 4U);
  EXPECT_EQ(mark("a"), 3U);
}

TEST_F(packet_account_test, lets_wait_again_what_the_store_refused) {
  tested_.refused();
  EXPECT_EQ(a_.completions + b_.completions, 0);
  EXPECT_EQ(tested_.size(), 0U);
  EXPECT_TRUE(tested_.fill(shop_.now));
  EXPECT_EQ(tested_.size(), 2U);
  EXPECT_EQ(events_.all_burned(), 0U);
  tested_.fail(errc::unavailable);
}

TEST_F(packet_account_test, burns_what_may_have_been_executed_and_takes_it_again) {
  ends(fate::doubtful, shop_.now);
  EXPECT_EQ(burned(burn_reason::outcome_unknown), 4U);
  EXPECT_EQ(a_.completions, 0);
  EXPECT_TRUE(tested_.fill(shop_.now));
  executed("*2\r\n:3\r\n:1\r\n");
  EXPECT_EQ(a_.range(), (turn_range{1, 3}));
}

TEST_F(packet_account_test, burns_and_fails_what_cannot_be_known_any_more) {
  tested_.unknown();
  EXPECT_EQ(burned(burn_reason::outcome_unknown), 4U);
  EXPECT_EQ(a_.error(), errc::outcome_unknown);
  EXPECT_EQ(b_.error(), errc::outcome_unknown);
}

TEST_F(packet_account_test, burns_nothing_of_what_certainly_was_not_executed) {
  tested_.fail(errc::store_full);
  EXPECT_EQ(a_.error(), errc::store_full);
  EXPECT_EQ(events_.all_burned(), 0U);
}

TEST_F(packet_account_test, burns_its_doubts_once_and_only_when_it_is_told_to) {
  ends(fate::not_executed, shop_.now);
  EXPECT_EQ(events_.all_burned(), 0U);
  tested_.burn_doubts();
  tested_.burn_doubts();
  EXPECT_EQ(burned(burn_reason::outcome_unknown), 4U);
  EXPECT_EQ(events_.burned_of("a"), 3U);
  EXPECT_EQ(a_.completions, 0) << "its take waits again all the same";
  waiting_.fail_waiting(errc::unavailable);
}

// A command does not lie in a buffer for that long.
TEST_F(packet_account_test, gives_its_doubts_up_after_ten_minutes) {
  for (const time_point when : {shop_.now, shop_.now + 10min + 1ns}) {
    ends(fate::not_executed, when);
    EXPECT_TRUE(waiting_.expire(shop_.now) == 0);
    EXPECT_TRUE(tested_.fill(shop_.now));
  }
  ends(fate::not_executed, shop_.now + 20min);
  tested_.burn_doubts();
  EXPECT_EQ(burned(burn_reason::outcome_unknown), 8U) << "of the second packet and the third";
  waiting_.fail_waiting(errc::unavailable);
}

}  // namespace
}  // namespace turnomatic::redis
