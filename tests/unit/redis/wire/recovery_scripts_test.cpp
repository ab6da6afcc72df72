// How a store closes and opens: store_record.lua, report.lua and marks.lua.
#include "unit/redis/wire/script_fixture.hpp"

#include <gmock/gmock.h>

namespace turnomatic::redis {
namespace {

class closing : public script_fixture {};

TEST_F(closing, awaits_the_instances_whose_stamps_are_about_as_new_as_the_newest) {
  enter("lane1", "g1", "long_gone");
  store.pass(1);
  enter("lane2", "g1", "just_in_time");
  store.pass(5'000);
  enter("lane3", "g1", "newest");
  store.pass(1'000'000);
  server_run = "run2";
  EXPECT_EQ(refresh("lane1", "long_gone"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.store_field("awaited"), " just_in_time newest ");
}

// The server's clock was ahead for a while, or has been put back.
TEST_F(closing, measures_no_stamp_by_one_of_a_time_to_come) {
  enter("lane1", "g1", "long_gone");
  store.pass(5'001);
  enter("lane2", "g1", "alive");
  store.command({"HSET", store_key, "alive:ahead", "2000000"});
  server_run = "run2";
  EXPECT_EQ(refresh("lane2", "alive"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.store_field("awaited"), " ahead alive ");
}

TEST_F(closing, measures_by_a_stamp_that_is_ahead_by_no_more_than_the_window) {
  store.command({"HSET", store_key, "alive:ahead", "1005000", "alive:alive", "999999"});
  server_run = "run2";
  EXPECT_EQ(refresh("lane"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.store_field("awaited"), " ahead ");
  store.command({"HSET", store_key, "alive:ahead", "1005001"});
  server_run = "run3";
  EXPECT_EQ(refresh("lane"), R"(["closed", "", "", "2"])");
  EXPECT_EQ(store.store_field("awaited"), " ahead alive ");
}

// A machine without a clock of its own begins in the past.
TEST_F(closing, awaits_all_where_every_stamp_is_of_a_time_to_come) {
  store.command({"HSET", store_key, "alive:one", "2000000", "alive:two", "3000000"});
  server_run = "run2";
  EXPECT_EQ(refresh("lane"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.store_field("awaited"), " one two ");
}

TEST_F(closing, names_those_it_awaits_in_order) {
  for (const char* const name : {"h", "c", "f", "a", "g", "b", "e", "d"})
    enter(std::string{"lane-"} + name, "g1", name);
  server_run = "run2";
  enter("lane");
  EXPECT_EQ(store.store_field("awaited"), " a b c d e f g h ");
}

TEST_F(closing, awaits_nobody_where_nobody_ever_was) {
  server_run = "run2";
  EXPECT_EQ(enter("lane"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.store_field("awaited"), " ");
}

TEST_F(closing, begins_anew_at_each_run) {
  enter("lane1", "g1", "one");
  enter("lane2", "g1", "two");
  server_run = "run2";
  report({.verdict = "behind"});
  raise("skip", {{.id = "a", .mark = "1"}});
  EXPECT_EQ(report({}), R"(["closed", "1", " two ", "1"])");
  server_run = "run3";
  EXPECT_EQ(report({}), R"(["closed", "0", " one two ", "2"])");
  EXPECT_EQ(store.store_field("behind"), "");
}

TEST_F(closing, ends_with_all_its_fields) {
  enter("lane");
  server_run = "run2";
  raise("skip", {{.id = "a", .mark = "1"}});
  report({.verdict = "behind", .grace_passed = true, .marks_seen = "1"});
  for (const char* const field : {"closed", "awaited", "behind", "marks"})
    EXPECT_EQ(store.store_field(field), "") << field;
  EXPECT_EQ(store.store_field("run"), "run2");
}

TEST_F(closing, happens_on_a_full_store_too) {
  enter("lane");
  store.config.condition = memory_redis::condition::full;
  server_run = "run2";
  EXPECT_EQ(report({.verdict = "in_place"}), R"(["closed", "0", " ", "1"])");
  EXPECT_EQ(raise("skip", {{.id = "a", .mark = "1"}}), R"(["raised", (integer) 0, (integer) 0])");
  EXPECT_EQ(report({.grace_passed = true, .marks_seen = "1"}), R"(["opened", "token1", " "])");
}

// What lost the record may have lost counters as well: all who are alive have their say again.
TEST_F(closing, happens_where_a_lane_has_lost_its_record) {
  enter("lane1", "g1", "one");
  enter("lane2", "g1", "two");
  EXPECT_EQ(enter_again("lane3", "two"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.store_field("awaited"), " one two ");
  EXPECT_EQ(store.command({"EXISTS", lane_key("lane3")}).number, 0);
  EXPECT_EQ(refresh("lane1"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(enter_again("lane3", "two"), R"(["closed", "", "", "1"])") << "it is closed already";
  report({.verdict = "behind", .grace_passed = true});
  EXPECT_EQ(enter("lane3", "g1", "two"), R"(["registered", "token2"])");
}

// ---- reports

class report_script : public script_fixture {
 protected:
  report_script() {
    enter("lane1", "g1", "one");
    enter("lane2", "g1", "two");
    server_run = "run2";
  }
};

TEST_F(report_script, awaits_who_does_not_know_its_verdict_yet) {
  EXPECT_EQ(report({}), R"(["closed", "0", " one two ", "1"])");
}

// The list of instances may be of an older copy, which cannot be told from a clean restart.
TEST_F(report_script, opens_before_the_grace_for_nobody) {
  report({.verdict = "in_place"});
  EXPECT_EQ(report({.instance = "two", .verdict = "in_place"}), R"(["closed", "0", " ", "1"])");
  EXPECT_EQ(report({.grace_passed = true}), R"(["opened", "token1", " "])");
  EXPECT_EQ(refresh("lane1"), R"(["refreshed", "g1", "0", "token1", " "])");
}

TEST_F(report_script, opens_when_the_grace_has_passed_and_names_who_was_not_heard) {
  EXPECT_EQ(report({.verdict = "in_place", .grace_passed = true}),
            R"(["opened", "token2", " two "])");
  EXPECT_EQ(store.store_field("token"), "token2") << "the unheard may be behind";
}

TEST_F(report_script, changes_the_token_where_an_instance_was_behind) {
  report({.verdict = "behind"});
  EXPECT_EQ(report({.instance = "two", .verdict = "in_place", .grace_passed = true}),
            R"(["opened", "token2", " "])");
}

TEST_F(report_script, keeps_closed_while_marks_arrive) {
  report({.verdict = "in_place"});
  raise("skip", {{.id = "a", .mark = "1"}});
  EXPECT_EQ(report({.grace_passed = true, .marks_seen = "0"}), R"(["closed", "1", " two ", "1"])");
  raise("skip", {{.id = "b", .mark = "1"}});
  EXPECT_EQ(report({.grace_passed = true, .marks_seen = "1"}), R"(["closed", "2", " two ", "1"])");
  EXPECT_EQ(report({.grace_passed = true, .marks_seen = "2"}), R"(["opened", "token2", " two "])");
}

TEST_F(report_script, opens_for_who_has_waited_too_long_whatever_arrives) {
  report({.verdict = "in_place"});
  raise("skip", {{.id = "a", .mark = "1"}});
  EXPECT_EQ(report({.grace_passed = true, .marks_seen = "any"}),
            R"(["opened", "token2", " two "])");
}

TEST_F(report_script, finds_a_store_that_is_open_or_foreign) {
  report({.verdict = "in_place", .grace_passed = true});
  EXPECT_EQ(report({.instance = "two", .verdict = "behind"}), R"(["open", "token2"])");
  EXPECT_EQ(store.store_field("behind"), "");
  store.command({"HSET", store_key, "id", "other"});
  EXPECT_EQ(report({}), R"(["foreign", "other", "ready"])");
}

// It comes late, from a connection that was cut, or from who has not noticed that the store was
// open.
TEST_F(report_script, of_an_earlier_closing_counts_for_nothing) {
  report({.verdict = "in_place", .grace_passed = true});
  EXPECT_EQ(enter_again("lane3", "two"), R"(["closed", "", "", "2"])");
  EXPECT_EQ(report({.verdict = "in_place", .grace_passed = true, .closing = "1"}),
            R"(["closed", "0", " one two ", "2"])");
  EXPECT_EQ(report({}), R"(["closed", "0", " one two ", "2"])");
}

TEST_F(report_script, stamps_the_instance) {
  store.pass(3'000);
  report({});
  EXPECT_EQ(store.store_field("alive:one"), "1003000");
}

// A name that is the end or the beginning of another is not taken for it.
TEST_F(report_script, hears_only_the_instance_that_speaks) {
  report({.instance = "tw", .verdict = "in_place"});
  report({.instance = "wo", .verdict = "in_place"});
  EXPECT_EQ(report({.instance = "t.o", .verdict = "in_place"}),
            R"(["closed", "0", " one two ", "1"])");
}

// ---- marks

class marks_script : public script_fixture {};

TEST_F(marks_script, raises_what_is_behind_and_tells_where_it_was) {
  set_text("a", "3");
  set_text("b", "8");
  set_text("c", "5");
  EXPECT_EQ(raise("skip", {{.id = "a", .mark = "5"},
                           {.id = "b", .mark = "5"},
                           {.id = "c", .mark = "5"},
                           {.id = "d", .mark = last_turn}}),
            R"(["raised", (integer) 0, (integer) 3, (integer) 3, (integer) 0])");
  EXPECT_EQ(text_of("a"), "5");
  EXPECT_EQ(text_of("b"), "8");
  EXPECT_EQ(text_of("c"), "5");
  EXPECT_EQ(text_of("d"), last_turn);
}

TEST_F(marks_script, halts_what_is_behind_where_that_is_the_policy) {
  set_text("a", "3");
  EXPECT_EQ(raise("halt", {{.id = "a", .mark = "5"}}), R"(["raised", (integer) 0, (integer) 3])");
  EXPECT_EQ(text_of("a"), "h5");
}

TEST_F(marks_script, raises_halted_counters_and_leaves_them_halted) {
  set_text("a", "h2");
  EXPECT_EQ(raise("halt", {{.id = "a", .mark = "3"}}), R"(["raised", (integer) 0, (integer) 2])");
  EXPECT_EQ(text_of("a"), "h3");
  EXPECT_EQ(raise("skip", {{.id = "a", .mark = "5"}}), R"(["raised"])");
  EXPECT_EQ(text_of("a"), "h5");
  EXPECT_EQ(raise("skip", {{.id = "a", .mark = "4"}}), R"(["raised"])");
  EXPECT_EQ(text_of("a"), "h5");
}

TEST_F(marks_script, leaves_spoilt_counters_alone) {
  for (const char* const text : {"many", "-1", "1.5", "h"}) {
    set_text("a", text);
    EXPECT_EQ(raise("skip", {{.id = "a", .mark = "5"}}), R"(["raised"])");
    EXPECT_EQ(text_of("a"), text);
  }
}

TEST_F(marks_script, are_counted_only_while_the_store_is_closed) {
  raise("skip", {{.id = "a", .mark = "5"}});
  EXPECT_EQ(store.store_field("marks"), "");
  server_run = "run2";
  raise("skip", {{.id = "a", .mark = "5"}});
  raise("skip", {{.id = "a", .mark = "5"}});
  EXPECT_EQ(store.store_field("marks"), "2");
}

TEST_F(marks_script, carry_as_many_as_a_packet) {
  std::vector<batch> counters;
  for (int i = 0; i < 256; ++i)
    counters.push_back({.id = "id" + std::to_string(i), .mark = "7"});
  raise("skip", counters);
  EXPECT_EQ(store.command({"HLEN", turns_key}).number, 256);
}

TEST_F(marks_script, refuse_a_foreign_store) {
  store.command({"HSET", store_key, "id", "other"});
  EXPECT_EQ(raise("skip", {{.id = "a", .mark = "5"}}), R"(["foreign", "other", "ready"])");
  EXPECT_EQ(text_of("a"), "");
}

}  // namespace
}  // namespace turnomatic::redis
