// What an operator wants, command by command, on a store in memory.
#include "backend/redis/administration.hpp"

#include "support/memory_redis.hpp"
#include "unit/redis/resp_reply.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {
namespace {

counter_id id_of(std::string_view text) {
  return counter_id::from_text(text).value();
}

/// An instance that counts on a founded store.
class administration_test : public testing::Test {
 protected:
  administration_test() {
    for (const script& each : all_scripts())
      store_.command({"SCRIPT", "LOAD", each.text});
    store_.command(
        {"HSET", "t:{0}:store", "format", "1", "id", "s", "buckets", "1", "state", "ready"});
    EXPECT_EQ(guard_.meet_store("s"), store_loss::none);
  }

  void begin(const admin_request& request) { steps_.emplace(request, "t", guard_, replicas_); }
  /// Has the next command executed; false if there is none.
  bool step() {
    std::string bytes;
    if (!steps_->next(bytes))
      return false;
    std::string_view input = bytes;
    const resp_reply answer{store_.execute(input, session_).value()};
    EXPECT_TRUE(input.empty()) << "one command at a time";
    steps_->take(answer.value());
    return true;
  }
  const result<admin_answer>& perform(const admin_request& request) {
    begin(request);
    while (step()) {
    }
    return steps_->outcome();
  }
  /// Not executed, and answered with this.
  const result<admin_answer>& answered(const admin_request& request, std::string_view bytes) {
    begin(request);
    std::string command;
    EXPECT_TRUE(steps_->next(command));
    const resp_reply answer{bytes};
    steps_->take(answer.value());
    return steps_->outcome();
  }

  void turn_is(std::string_view id, std::string_view text) {
    store_.command({"HSET", "t:{0}:turns", id, text});
  }
  [[nodiscard]] std::uint64_t mark(std::string_view of) const {
    high_water_table::place unused = nullptr;
    return guard_.marks.highest(id_of(of), unused);
  }

  static admin_request peek(std::string_view id) {
    return {.action = admin_action::peek, .id = id_of(id)};
  }
  static admin_request list(std::uint64_t cursor, std::uint32_t limit) {
    return {.action = admin_action::list, .id = {}, .cursor = cursor, .limit = limit};
  }
  static admin_request set(std::string_view id, std::uint64_t turn, bool force = false,
                           std::optional<std::uint64_t> from = {}) {
    return {
        .action = admin_action::set, .id = id_of(id), .turn = turn, .force = force, .from = from};
  }
  static admin_request resume(std::string_view id) {
    return {.action = admin_action::resume, .id = id_of(id)};
  }

  memory_redis store_;
  memory_redis::session session_;
  store_guard guard_{
      {.pinned_store_id = {}, .instance = "i", .marked_ids = 6400, .seed = 1, .draw_token = [] {
         return std::string{"drawn"};
       }}};
  acknowledgement::settings replicas_{};
  std::optional<administration> steps_;
};

// ---- looking

struct shown_row {
  const char* text;  ///< in the store
  std::uint64_t turn;
  bool halted;
};

TEST_F(administration_test, shows_a_counter_as_the_store_holds_it) {
  for (const shown_row& row : {shown_row{"42", 42, false},
                               {"h42", 42, true},
                               {"no turn", 0, false},
                               {"9007199254740993", turn_max, false}}) {
    turn_is("a", row.text);
    const admin_answer seen = perform(peek("a")).value();
    ASSERT_EQ(seen.counters.size(), 1U);
    EXPECT_EQ(seen.counters[0].id, "a");
    EXPECT_EQ(seen.counters[0].turn, row.turn) << row.text;
    EXPECT_EQ(seen.counters[0].halted, row.halted) << row.text;
  }
}

TEST_F(administration_test, shows_a_counter_that_never_was_at_nought) {
  EXPECT_EQ(perform(peek("a"))->counters.at(0).turn, 0U);
  EXPECT_FALSE(perform(peek("a"))->counters.at(0).halted);
}

TEST_F(administration_test, lists_counters_without_those_of_nobody) {
  EXPECT_TRUE(perform(list(0, 10))->counters.empty());
  turn_is("a", "1");
  turn_is("b", "h2");
  const admin_answer page = perform(list(0, 10)).value();
  EXPECT_EQ(page.cursor, 0U);
  ASSERT_EQ(page.counters.size(), 2U);
  EXPECT_EQ(page.counters[0].turn + page.counters[1].turn, 3U);
}

// ---- setting

TEST_F(administration_test, sets_a_counter_forward_and_marks_it_there) {
  turn_is("a", "7");
  const admin_answer made = perform(set("a", 100)).value();
  EXPECT_EQ(made.turn_before, 7U);
  EXPECT_EQ(made.counters.at(0).turn, 100U);
  EXPECT_EQ(store_.turn("a"), 100U);
  EXPECT_EQ(mark("a"), 100U);
}

TEST_F(administration_test, leaves_a_counter_halted_that_it_sets) {
  turn_is("a", "h7");
  EXPECT_TRUE(perform(set("a", 100))->counters.at(0).halted);
  EXPECT_TRUE(store_.halted("a"));
}

TEST_F(administration_test, leaves_a_counter_that_is_ahead) {
  turn_is("a", "7");
  guard_.marks.raise(id_of("a"), 5);
  EXPECT_EQ(perform(set("a", 7)).error(), errc::counter_ahead);
  EXPECT_EQ(store_.turn("a"), 7U);
  EXPECT_EQ(mark("a"), 5U);
}

TEST_F(administration_test, forces_a_counter_back_from_the_turn_that_was_seen) {
  turn_is("a", "9");
  guard_.marks.raise(id_of("a"), 9);
  EXPECT_EQ(perform(set("a", 3, true, 9))->turn_before, 9U);
  EXPECT_EQ(store_.turn("a"), 3U);
  EXPECT_EQ(mark("a"), 3U) << "or it would be found behind";
}

// A command that is executed late must not take back what was taken since.
TEST_F(administration_test, forces_nothing_where_another_turn_is_found) {
  turn_is("a", "9");
  guard_.marks.raise(id_of("a"), 9);
  EXPECT_EQ(perform(set("a", 3, true, 8)).error(), errc::counter_moved);
  EXPECT_EQ(store_.turn("a"), 9U);
  EXPECT_EQ(mark("a"), 9U);
  EXPECT_EQ(perform(set("a", 20, false, 8)).error(), errc::counter_moved) << "nor forward";
  EXPECT_EQ(store_.turn("a"), 9U);
}

TEST_F(administration_test, executes_a_forced_setting_once_however_often_it_is_sent) {
  turn_is("a", "9");
  begin(set("a", 3, true, 9));
  std::string bytes;
  ASSERT_TRUE(steps_->next(bytes));
  std::string_view once = bytes;
  (void)store_.execute(once, session_);
  turn_is("a", "4");  // somebody takes a turn
  std::string_view again = bytes;
  (void)store_.execute(again, session_);
  EXPECT_EQ(store_.turn("a"), 4U);
}

TEST_F(administration_test, sets_a_spoilt_counter_only_by_force) {
  turn_is("a", "no turn");
  EXPECT_EQ(perform(set("a", 3)).error(), errc::counter_moved);
  EXPECT_EQ(perform(set("a", 3, true, 9)).error(), errc::counter_moved);
  EXPECT_EQ(perform(set("a", 3, true))->turn_before, 0U);
  EXPECT_EQ(store_.turn("a"), 3U);
}

// ---- resuming

TEST_F(administration_test, lets_a_halted_counter_go_on_above_what_was_issued) {
  turn_is("a", "h5");
  guard_.marks.raise(id_of("a"), 9);
  (void)guard_.halted.add({"a", 3, 9});
  const admin_answer made = perform(resume("a")).value();
  EXPECT_EQ(made.counters.at(0).turn, 9U);
  EXPECT_FALSE(made.counters.at(0).halted);
  EXPECT_EQ(store_.turn("a"), 9U);
  EXPECT_TRUE(guard_.halted.empty());
}

TEST_F(administration_test, resumes_a_counter_of_which_nothing_was_issued_here) {
  turn_is("a", "h5");
  EXPECT_EQ(perform(resume("a"))->counters.at(0).turn, 5U);
  EXPECT_FALSE(store_.halted("a"));
}

TEST_F(administration_test, does_not_resume_what_is_no_turn) {
  turn_is("a", "no turn");
  (void)guard_.halted.add({"a", 3, 9});
  EXPECT_EQ(perform(resume("a")).error(), errc::counter_moved);
  EXPECT_FALSE(guard_.halted.empty());
}

// ---- what stands in the way

TEST_F(administration_test, changes_nothing_in_a_foreign_store) {
  store_.command({"HSET", "t:{0}:store", "id", "another"});
  turn_is("a", "h5");
  EXPECT_EQ(perform(set("a", 30, true)).error(), errc::store_behind);
  EXPECT_EQ(perform(resume("a")).error(), errc::store_behind);
  EXPECT_TRUE(store_.halted("a"));
  EXPECT_EQ(mark("a"), 0U);
}

// The next connection brings it back, and the lane makes one soon.
TEST_F(administration_test, is_to_be_tried_again_where_the_store_has_forgotten_the_script) {
  store_.forget_scripts();
  EXPECT_EQ(perform(set("a", 7)).error(), errc::unavailable);
  EXPECT_TRUE(steps_->refusal().starts_with("NOSCRIPT"));
}

TEST_F(administration_test, says_what_the_store_has_refused) {
  store_.forbid("hget");
  EXPECT_EQ(perform(peek("a")).error(), errc::unavailable);
  EXPECT_EQ(steps_->refusal(), "NOPERM this user has no permissions to run the 'hget' command");
  store_.refuse("evalsha", "OOM command not allowed when used memory > 'maxmemory'.");
  EXPECT_EQ(perform(set("a", 1)).error(), errc::store_full);
}

TEST_F(administration_test, knows_what_may_have_been_done_when_a_connection_is_lost) {
  begin(peek("a"));
  steps_->give_up(true);
  EXPECT_EQ(steps_->outcome().error(), errc::unavailable) << "it changes nothing";
  for (const admin_request& change : {set("a", 1), resume("a")}) {
    begin(change);
    steps_->give_up(true);
    EXPECT_EQ(steps_->outcome().error(), errc::outcome_unknown);
    begin(change);
    steps_->give_up(false);
    EXPECT_EQ(steps_->outcome().error(), errc::unavailable);
  }
}

TEST_F(administration_test, takes_no_nonsense_for_an_answer) {
  for (const char* const nonsense : {":1\r\n", "$1\r\nx\r\n", "*1\r\n$3\r\nset\r\n", "*1\r\n:1\r\n",
                                     "*3\r\n$5\r\nother\r\n$1\r\nx\r\n:0\r\n", "*0\r\n"}) {
    EXPECT_EQ(answered(set("a", 1), nonsense).error(), errc::outcome_unknown) << nonsense;
    EXPECT_EQ(answered(resume("a"), nonsense).error(), errc::outcome_unknown) << nonsense;
    EXPECT_EQ(answered(list(0, 1), nonsense).error(), errc::unavailable) << nonsense;
  }
}

// ---- replicas

TEST_F(administration_test, is_over_when_replicas_hold_what_was_changed) {
  replicas_.replicas = 1;
  store_.config.replicas = 1;
  store_.keep_log();
  EXPECT_TRUE(perform({.action = admin_action::set, .id = id_of("a"), .turn = 7}));
  EXPECT_EQ(store_.turn("a"), 7U);
  EXPECT_EQ(store_.take_log().back(), "WAIT 1 100");
  EXPECT_TRUE(perform({.action = admin_action::resume, .id = id_of("a")}));
  EXPECT_EQ(store_.take_log().back(), "WAIT 1 100");
  EXPECT_TRUE(perform({.action = admin_action::peek, .id = id_of("a")}));
  EXPECT_EQ(store_.take_log().size(), 1U) << "nothing was changed";
  EXPECT_FALSE(perform({.action = admin_action::set, .id = id_of("a"), .turn = 3}));
  EXPECT_EQ(store_.take_log().size(), 1U) << "likewise";
}

TEST_F(administration_test, does_not_know_the_outcome_where_replicas_lag) {
  replicas_.replicas = 2;
  store_.config.replicas = 1;
  EXPECT_EQ(perform({.action = admin_action::set, .id = id_of("a"), .turn = 7}).error(),
            errc::outcome_unknown);
  EXPECT_EQ(store_.turn("a"), 7U);
}

TEST_F(administration_test, does_not_know_the_outcome_where_replicas_cannot_be_asked) {
  replicas_.replicas = 1;
  store_.refuse("wait", "UNBLOCKED force unblock from blocking operation");
  EXPECT_EQ(perform({.action = admin_action::set, .id = id_of("a"), .turn = 7}).error(),
            errc::outcome_unknown);
  EXPECT_THAT(steps_->refusal(), ::testing::HasSubstr("UNBLOCKED"));
  begin({.action = admin_action::set, .id = id_of("a"), .turn = 8});
  EXPECT_TRUE(step());
  steps_->give_up(false);
  EXPECT_EQ(steps_->outcome().error(), errc::outcome_unknown);
}

}  // namespace
}  // namespace turnomatic::redis
