// take.lua: each line of its header.
#include "unit/redis/wire/script_fixture.hpp"

#include <gmock/gmock.h>

namespace turnomatic::redis {
namespace {

class take_script : public script_fixture {
 protected:
  take_script() { enter("lane"); }

  std::string sequence() { return store.lane_field("lane", "s"); }
  /// As the next takeover finds them.
  std::string remembered() {
    const std::string found = take_over("lane", "g1", {"g1"});
    const std::size_t results = found.rfind('[');
    return found.substr(results, found.rfind(']', found.size() - 2) + 1 - results);
  }
};

TEST_F(take_script, is_refused_for_another_generation) {
  EXPECT_EQ(take({.sequence = "1", .generation = "g0"}, {{.id = "a"}}),
            R"(["refused", "g1", "0"])");
  EXPECT_EQ(store.turn("a"), 0U);
  EXPECT_EQ(sequence(), "0");
}

TEST_F(take_script, is_refused_unless_its_sequence_is_the_next) {
  EXPECT_EQ(take({.sequence = "2"}, {{.id = "a"}}), R"(["refused", "g1", "0"])");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}}), "[(integer) 1]");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}}), R"(["refused", "g1", "1"])");
  EXPECT_EQ(take({.sequence = "3"}, {{.id = "a"}}), R"(["refused", "g1", "1"])");
  EXPECT_EQ(store.turn("a"), 1U);
}

TEST_F(take_script, is_refused_where_the_record_is_missing) {
  EXPECT_EQ(take({.sequence = "1", .lane = "other"}, {{.id = "a"}}), R"(["refused", "", ""])");
  store.expire_key(lane_key("lane"));
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}}), R"(["refused", "", ""])");
  EXPECT_EQ(store.turn("a"), 0U);
}

TEST_F(take_script, begins_at_one_and_answers_the_last_turn) {
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}}), "[(integer) 1]");
  EXPECT_EQ(take({.sequence = "2"}, {{.id = "a", .count = "5", .mark = "1"}}), "[(integer) 6]");
  EXPECT_EQ(text_of("a"), "6");
  EXPECT_EQ(sequence(), "2");
  EXPECT_THAT(store.taken(), testing::ElementsAre(memory_redis::taken_range{"a", 1, 1, "lane"},
                                                  memory_redis::taken_range{"a", 2, 5, "lane"}));
}

TEST_F(take_script, counts_each_id_of_the_packet) {
  set_text("b", "41");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}, {.id = "b", .count = "2"}, {.id = "c"}}),
            "[(integer) 1, (integer) 43, (integer) 1]");
  EXPECT_EQ(remembered(), "[(integer) 1, (integer) 43, (integer) 1]");
}

TEST_F(take_script, writes_large_turns_in_full) {
  set_text("a", "99999999");
  set_text("b", "123456789012345");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}, {.id = "b"}}),
            "[(integer) 100000000, (integer) 123456789012346]");
  EXPECT_EQ(text_of("a"), "100000000");
  EXPECT_EQ(text_of("b"), "123456789012346");
}

TEST_F(take_script, carries_a_full_packet) {
  std::vector<batch> batches;
  for (int i = 0; i < 256; ++i)
    batches.push_back({.id = "id" + std::to_string(i)});
  const std::string answer = take({.sequence = "1"}, batches);
  EXPECT_EQ(store.turns_taken(), 256U);
  EXPECT_EQ(remembered(), answer);
}

TEST_F(take_script, hands_out_the_end_of_the_counter_and_stays_there) {
  set_text("a", "9007199254740989");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a", .count = "2"}}), "[(integer) 9007199254740991]");
  EXPECT_EQ(take({.sequence = "2"}, {{.id = "a"}}), R"(["e"])");
  EXPECT_EQ(take({.sequence = "3"}, {{.id = "a", .mark = last_turn}}), R"(["e"])");
  EXPECT_EQ(text_of("a"), last_turn);
}

TEST_F(take_script, takes_what_is_left_before_the_end) {
  set_text("a", "9007199254740988");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a", .count = "9"}}),
            R"(["t 9007199254740989 3 9007199254740988"])");
  EXPECT_EQ(text_of("a"), last_turn);
  EXPECT_EQ(store.turns_taken(), 3U);
}

TEST_F(take_script, halts_a_counter_behind_its_mark) {
  set_text("a", "3");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a", .mark = "5"}, {.id = "b"}}),
            R"(["b 3", (integer) 1])");
  EXPECT_EQ(text_of("a"), "h5");
  EXPECT_EQ(take({.sequence = "2"}, {{.id = "a", .mark = "5"}}), R"(["h 5"])");
  EXPECT_EQ(take({.sequence = "3"}, {{.id = "a", .mark = "4"}}), R"(["h 5"])");
  EXPECT_EQ(text_of("a"), "h5");
  EXPECT_EQ(take({.sequence = "4"}, {{.id = "a", .mark = "8"}}), R"(["h 8"])");
  EXPECT_EQ(text_of("a"), "h8") << "whoever knows a higher turn raises the halted counter";
  EXPECT_EQ(store.turns_taken(), 1U);
}

TEST_F(take_script, halts_a_counter_that_is_gone) {
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a", .mark = "5"}}), R"(["b 0"])");
  EXPECT_TRUE(store.halted("a"));
  EXPECT_EQ(store.turn("a"), 5U);
}

TEST_F(take_script, skips_to_the_mark_and_says_where_the_counter_was) {
  set_text("a", "3");
  EXPECT_EQ(take({.sequence = "1", .policy = "skip"}, {{.id = "a", .count = "2", .mark = "5"}}),
            R"(["t 6 2 3"])");
  EXPECT_EQ(text_of("a"), "7");
  EXPECT_EQ(take({.sequence = "2", .policy = "skip"}, {{.id = "a", .mark = last_turn}}),
            R"(["e"])");
  EXPECT_EQ(text_of("a"), "7");
}

TEST_F(take_script, leaves_a_halted_counter_halted_whatever_the_policy) {
  set_text("a", "h5");
  EXPECT_EQ(take({.sequence = "1", .policy = "skip"}, {{.id = "a", .mark = "9"}}), R"(["h 9"])");
  EXPECT_EQ(text_of("a"), "h9");
}

TEST_F(take_script, refuses_a_spoilt_counter_alone) {
  const texts spoilt{"many", "",    "-1",  "1.5", "9007199254740992", "1e300", "h",
                     "hx",   "h-1", "nan", "inf"};
  std::vector<batch> batches{{.id = "a"}};
  std::string expected = "[(integer) 1";
  for (const std::string& text : spoilt) {
    set_text("bad" + text, text);
    batches.push_back({.id = "bad" + text, .mark = "7"});
    expected += R"(, "x")";
  }
  batches.push_back({.id = "z"});
  EXPECT_EQ(take({.sequence = "1"}, batches), expected + ", (integer) 1]");
  for (const std::string& text : spoilt)
    EXPECT_EQ(text_of("bad" + text), text);
}

TEST_F(take_script, is_refused_by_turns_of_another_type_and_remembers_it) {
  store.command({"SET", turns_key, "1"});
  const std::string error =
      R"("E WRONGTYPE Operation against a key holding the wrong kind of value")";
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}, {.id = "b", .key = "k"}}),
            "[" + error + ", " + error + "]");
  EXPECT_EQ(sequence(), "1");
  EXPECT_EQ(remembered(), "[" + error + ", " + error + "]");
  store.command({"DEL", turns_key});
  EXPECT_EQ(take({.sequence = "2"}, {{.id = "b", .key = "k"}}), "[(integer) 1]");
}

TEST_F(take_script, does_nothing_where_the_record_cannot_be_written) {
  store.config.condition = memory_redis::condition::full;
  EXPECT_THAT(take({.sequence = "1"}, {{.id = "a"}}), testing::StartsWith("(error) OOM "));
  store.config.condition = memory_redis::condition::well;
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}}), "[(integer) 1]");
}

TEST_F(take_script, refuses_a_spoilt_counter_that_looks_like_one_above_its_mark) {
  set_text("a", "1.5");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}}), R"(["x"])");
  EXPECT_EQ(text_of("a"), "1.5");
}

// ---- under a client's key

TEST_F(take_script, remembers_what_was_taken_under_a_key) {
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a", .count = "2", .key = "k"}}), "[(integer) 2]");
  EXPECT_EQ(store.life_span_ms(key_record("k")), 60'000);
  EXPECT_EQ(take({.sequence = "2"}, {{.id = "b"}, {.id = "a", .count = "2", .key = "k"}}),
            R"([(integer) 1, "k 1 2"])");
  EXPECT_EQ(store.turn("a"), 2U);
  store.expire_key(key_record("k"));
  EXPECT_EQ(take({.sequence = "3"}, {{.id = "a", .key = "k"}}), "[(integer) 3]");
}

TEST_F(take_script, takes_one_id_under_several_keys_and_without) {
  set_text("a", "99999997");
  EXPECT_EQ(take({.sequence = "1"},
                 {{.id = "a"}, {.id = "a", .count = "2", .key = "k"}, {.id = "a", .key = "l"}}),
            "[(integer) 99999998, (integer) 100000000, (integer) 100000001]");
  EXPECT_EQ(text_of("a"), "100000001");
  EXPECT_EQ(take({.sequence = "2"}, {{.id = "a", .key = "k"}, {.id = "a", .key = "l"}}),
            R"(["k 99999999 2", "k 100000001 1"])");
}

TEST_F(take_script, takes_once_where_a_packet_names_a_key_twice) {
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a", .key = "k"}, {.id = "a", .key = "k"}}),
            R"([(integer) 1, "k 1 1"])");
  EXPECT_EQ(store.turn("a"), 1U);
}

TEST_F(take_script, sees_within_a_packet_that_the_counter_halted) {
  set_text("a", "3");
  EXPECT_EQ(
      take({.sequence = "1"}, {{.id = "a", .mark = "5"}, {.id = "a", .mark = "6", .key = "k"}}),
      R"(["b 3", "h 6"])");
  EXPECT_EQ(text_of("a"), "h6");
  EXPECT_EQ(store.command({"EXISTS", key_record("k")}).number, 0);
}

TEST_F(take_script, remembers_the_rest_under_the_key_at_the_end_and_after_a_skip) {
  set_text("a", "9007199254740988");
  set_text("b", "3");
  EXPECT_EQ(take({.sequence = "1", .policy = "skip"},
                 {{.id = "a", .count = "9", .key = "k"}, {.id = "b", .mark = "5", .key = "l"}}),
            R"(["t 9007199254740989 3 9007199254740988", "t 6 1 3"])");
  EXPECT_EQ(take({.sequence = "2"}, {{.id = "a", .key = "k"}, {.id = "b", .key = "l"}}),
            R"(["k 9007199254740989 3", "k 6 1"])");
}

TEST_F(take_script, fails_alone_where_its_key_record_is_of_another_type) {
  store.command({"HSET", key_record("k"), "x", "y"});
  EXPECT_EQ(
      take({.sequence = "1"}, {{.id = "a"}, {.id = "b", .key = "k"}, {.id = "c", .key = "l"}}),
      R"([(integer) 1, "E WRONGTYPE Operation against a key holding the wrong kind of )"
      R"(value", (integer) 1])");
  EXPECT_EQ(store.turn("b"), 0U);
}

// A user without +set.
TEST_F(take_script, takes_nothing_where_key_records_cannot_be_written) {
  set_text("halting", "3");
  set_text("known", "8");
  store.command({"SET", key_record("old"), "8 1"});
  store.forbid("set");
  const std::string error =
      R"("E ERR The user executing the script can't run this command or subcommand")";
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"},
                                     {.id = "halting", .mark = "4"},
                                     {.id = "known", .key = "old"},
                                     {.id = "b", .key = "k"},
                                     {.id = "b", .key = "k"}}),
            "[" + error + ", " + error + R"(, "k 8 1", )" + error + ", " + error + "]");
  EXPECT_EQ(store.turn("a"), 0U);
  EXPECT_EQ(store.turn("b"), 0U);
  EXPECT_FALSE(store.halted("halting"));
  EXPECT_EQ(remembered(),
            "[" + error + ", " + error + R"(, "k 8 1", )" + error + ", " + error + "]");
}

// Not by a Redis, which would have refused the record; by a store that looks at its memory before
// each write.
TEST_F(take_script, takes_nothing_and_remembers_no_key_where_turns_cannot_be_written) {
  store.replace_in_script(script_id::take, "redis.pcall('HSET', KEYS[2], unpack(changes))",
                          "{err = 'OOM no memory'}");
  EXPECT_EQ(take({.sequence = "1"}, {{.id = "a"}, {.id = "b", .key = "k"}}),
            R"(["E OOM no memory", "E OOM no memory"])");
  EXPECT_EQ(store.command({"EXISTS", key_record("k")}).number, 0);
  EXPECT_EQ(remembered(), R"(["E OOM no memory", "E OOM no memory"])");
}

}  // namespace
}  // namespace turnomatic::redis
