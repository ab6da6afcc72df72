// register.lua, takeover.lua and refresh.lua: each line of their headers.
#include "unit/redis/wire/script_fixture.hpp"

#include <gmock/gmock.h>

namespace turnomatic::redis {
namespace {

class register_script : public script_fixture {};
class takeover_script : public script_fixture {};
class refresh_script : public script_fixture {};

TEST_F(register_script, creates_a_record_and_stamps_the_instance) {
  store.pass(234);
  EXPECT_EQ(enter("lane"), R"(["registered", "token1"])");
  EXPECT_EQ(store.lane_field("lane", "g"), "g1");
  EXPECT_EQ(store.lane_field("lane", "s"), "0");
  EXPECT_EQ(store.life_span_ms(lane_key("lane")), 600'000);
  EXPECT_EQ(store.store_field("alive:one"), "1000234");
}

TEST_F(register_script, refuses_a_name_that_was_used_before) {
  enter("lane");
  EXPECT_EQ(enter("lane", "g2"), "(error) TURNOMATIC the name of this lane was used before");
  EXPECT_EQ(store.lane_field("lane", "g"), "g1");
}

TEST_F(register_script, refuses_a_store_that_is_foreign_pending_or_gone) {
  store.command({"HSET", store_key, "id", "other"});
  EXPECT_EQ(enter("lane"), R"(["foreign", "other", "ready"])");
  store.command({"HSET", store_key, "id", "store", "state", "pending"});
  EXPECT_EQ(enter("lane"), R"(["foreign", "store", "pending"])");
  store.flush_all();
  EXPECT_EQ(enter("lane"), R"(["foreign", "", ""])");
  EXPECT_THAT(store.lane_records(), testing::IsEmpty());
}

TEST_F(register_script, closes_a_store_that_has_restarted_and_creates_nothing) {
  enter("lane");
  server_run = "run2";
  EXPECT_EQ(enter("lane2"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(enter("lane2"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.store_field("run"), "run2");
  EXPECT_EQ(store.store_field("closed"), "1");
  EXPECT_EQ(store.store_field("awaited"), " one ");
  EXPECT_EQ(store.lane_records(), texts{lane_key("lane")});
}

TEST_F(register_script, forgets_instances_that_are_gone_for_a_day) {
  enter("lane1", "g1", "old");
  store.pass(86'400'000);
  enter("lane2", "g1", "one");
  store.pass(1);
  enter("lane3", "g1", "two");
  EXPECT_EQ(store.store_field("alive:old"), "1000000")
      << "a day before the stamps then in the store";
  enter("lane4", "g1", "three");
  EXPECT_EQ(store.store_field("alive:old"), "");
  EXPECT_NE(store.store_field("alive:one"), "");
}

// A stamp of a day ahead used to make all others a day old.
TEST_F(register_script, forgets_nobody_by_a_stamp_of_a_time_to_come) {
  enter("lane1", "g1", "one");
  store.command({"HSET", store_key, "alive:ahead", "90000000"});
  store.pass(1'000);
  enter("lane2", "g1", "two");
  EXPECT_EQ(store.store_field("alive:one"), "1000000");
  EXPECT_EQ(store.store_field("alive:two"), "1001000");
  EXPECT_EQ(store.store_field("alive:ahead"), "1001000") << "counts as one of now";
}

TEST_F(register_script, leaves_a_stamp_within_the_window_ahead_as_it_is) {
  store.command({"HSET", store_key, "alive:in", "1005000", "alive:out", "1005001"});
  enter("lane");
  EXPECT_EQ(store.store_field("alive:in"), "1005000");
  EXPECT_EQ(store.store_field("alive:out"), "1000000");
}

TEST_F(register_script, works_on_a_full_store) {
  store.config.condition = memory_redis::condition::full;
  EXPECT_EQ(enter("lane"), R"(["registered", "token1"])");
  store.config.condition = memory_redis::condition::read_only;
  EXPECT_THAT(enter("lane2"), testing::StartsWith("(error) READONLY "));
  store.config.condition = memory_redis::condition::disk_failing;
  EXPECT_THAT(enter("lane2"), testing::StartsWith("(error) MISCONF "));
}

// ---- takeover

TEST_F(takeover_script, answers_no_results_before_the_first_packet) {
  enter("lane");
  EXPECT_EQ(take_over("lane", "g2", {"g1"}), R"(["taken_over", "0", "token1", [], ""])");
  EXPECT_EQ(store.lane_field("lane", "g"), "g2");
}

TEST_F(takeover_script, answers_the_results_of_the_last_packet_as_they_were) {
  enter("lane");
  set_text("b", "100000000000000");
  set_text("c", "9007199254740985");
  set_text("d", "x");
  set_text("e", last_turn);
  set_text("f", "h7");
  set_text("g", "3");
  set_text("i", "70000");
  const std::string results = take({.sequence = "1"}, {{.id = "a", .count = "200"},
                                                       {.id = "b"},
                                                       {.id = "c", .count = "9"},
                                                       {.id = "d"},
                                                       {.id = "e"},
                                                       {.id = "f"},
                                                       {.id = "g", .mark = "4"},
                                                       {.id = "i", .count = "5"}});
  EXPECT_EQ(results,
            "[(integer) 200, (integer) 100000000000001, "
            R"("t 9007199254740986 6 9007199254740985", "x", "e", "h 7", "b 3", )"
            "(integer) 70005]");
  EXPECT_EQ(take_over("lane", "g2", {"g1"}),
            R"(["taken_over", "1", "token1", )" + results + R"(, "p1"])");
  EXPECT_EQ(take_over("lane", "g3", {"g1", "g2"}),
            R"(["taken_over", "1", "token1", )" + results + R"(, "p1"])");
}

TEST_F(takeover_script, keeps_what_still_floats_from_being_counted) {
  enter("lane");
  take_over("lane", "g2", {"g1"});
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}}), R"(["refused", "g2", "0"])");
  EXPECT_EQ(take({.sequence = "1", .generation = "g2"}, {{.id = "a"}}), "[(integer) 1]");
}

TEST_F(takeover_script, accepts_each_generation_that_the_record_may_have) {
  enter("lane");
  EXPECT_EQ(take_over("lane", "g4", {"g3", "g2", "g1"}),
            R"(["taken_over", "0", "token1", [], ""])");
}

TEST_F(takeover_script, refuses_a_record_that_another_has_taken_over) {
  enter("lane");
  EXPECT_EQ(take_over("lane", "g9", {"g7", "g8"}), R"(["refused", "g1", "0"])");
  EXPECT_EQ(take_over("lane", "g9", {}), R"(["refused", "g1", "0"])");
  EXPECT_EQ(store.lane_field("lane", "g"), "g1");
}

TEST_F(takeover_script, refuses_a_record_that_is_gone) {
  EXPECT_EQ(take_over("lane", "g2", {"g1"}), R"(["refused", "", ""])");
  EXPECT_EQ(take_over("lane", "g2", {""}), R"(["refused", "", ""])");
  EXPECT_THAT(store.lane_records(), testing::IsEmpty());
}

TEST_F(takeover_script, refuses_a_foreign_store) {
  enter("lane");
  store.command({"HSET", store_key, "id", "other"});
  EXPECT_EQ(take_over("lane", "g2", {"g1"}), R"(["foreign", "other", "ready"])");
}

TEST_F(takeover_script, tells_what_it_finds_in_a_closed_store_and_sets_nothing) {
  enter("lane");
  take({.sequence = "1"}, {{.id = "a"}});
  server_run = "run2";
  EXPECT_EQ(take_over("lane", "g2", {"g1"}), R"(["closed", "g1", "1", "1"])");
  EXPECT_EQ(take_over("gone", "g2", {"g1"}), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.lane_field("lane", "g"), "g1");
}

TEST_F(takeover_script, lengthens_the_life_of_the_record_and_stamps_the_instance) {
  enter("lane");
  store.command({"PEXPIRE", lane_key("lane"), "5"});
  store.pass(1'000);
  take_over("lane", "g2", {"g1"});
  EXPECT_EQ(store.life_span_ms(lane_key("lane")), 600'000);
  EXPECT_EQ(store.store_field("alive:one"), "1001000");
}

TEST_F(takeover_script, works_on_a_full_store) {
  enter("lane");
  take({.sequence = "1"}, {{.id = "a"}});
  store.config.condition = memory_redis::condition::full;
  EXPECT_EQ(take_over("lane", "g2", {"g1"}),
            R"(["taken_over", "1", "token1", [(integer) 1], "p1"])");
}

// ---- refresh

TEST_F(refresh_script, tells_where_the_record_is) {
  enter("lane");
  store.command({"PEXPIRE", lane_key("lane"), "5"});
  store.pass(2'000);
  EXPECT_EQ(refresh("lane"), R"(["refreshed", "g1", "0", "token1", " "])");
  EXPECT_EQ(refresh("gone"), R"(["refreshed", "", "", "token1", " "])");
  EXPECT_EQ(store.life_span_ms(lane_key("lane")), 600'000);
  EXPECT_EQ(store.store_field("alive:one"), "1002000");
  EXPECT_EQ(store.lane_records(), texts{lane_key("lane")});
}

TEST_F(refresh_script, names_those_who_were_not_heard_until_they_come) {
  enter("lane");
  enter("lane2", "g1", "two");
  enter("lane3", "g1", "three");
  server_run = "run2";
  refresh("lane");
  report({.verdict = "in_place", .grace_passed = true});
  EXPECT_EQ(refresh("lane"), R"(["refreshed", "g1", "0", "token2", " three two "])");
  EXPECT_EQ(refresh("lane2", "two"), R"(["refreshed", "g1", "0", "token2", " three "])");
  EXPECT_EQ(refresh("lane"), R"(["refreshed", "g1", "0", "token2", " three "])");
  EXPECT_EQ(refresh("lane3", "three"), R"(["refreshed", "g1", "0", "token2", " "])");
}

TEST_F(refresh_script, finds_a_store_closed_or_foreign) {
  enter("lane");
  server_run = "run2";
  EXPECT_EQ(refresh("lane"), R"(["closed", "", "", "1"])");
  EXPECT_EQ(store.store_field("run"), "run2");
  store.command({"HSET", store_key, "id", "other"});
  EXPECT_EQ(refresh("lane"), R"(["foreign", "other", "ready"])");
}

}  // namespace
}  // namespace turnomatic::redis
