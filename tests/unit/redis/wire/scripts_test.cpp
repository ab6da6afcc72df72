// The scripts as a whole, and those that found a store and serve its operator.
#include "backend/redis/wire/scripts.hpp"

#include "unit/redis/wire/script_fixture.hpp"

#include <gmock/gmock.h>

#include <map>

namespace turnomatic::redis {
namespace {

// CMake puts them into this order by their names.
TEST(scripts, are_known_by_their_ids) {
  using enum script_id;
  const std::map<script_id, std::string_view> names{
      {found, "found"},   {register_lane, "register"}, {take_over, "takeover"},
      {take, "take"},     {refresh, "refresh"},        {raise_marks, "marks"},
      {report, "report"}, {set_turn, "set"},           {resume, "resume"}};
  EXPECT_EQ(all_scripts().size(), names.size());
  for (const auto& [id, name] : names)
    EXPECT_EQ(script_of(id).name, name);
}

TEST(scripts, have_the_hash_that_a_store_computes) {
  memory_redis store;
  for (const script& each : all_scripts()) {
    EXPECT_THAT(each.sha, testing::MatchesRegex("[0-9a-f]{40}"));
    EXPECT_EQ(store.command({"SCRIPT", "LOAD", each.text}).text, each.sha) << each.name;
  }
}

TEST(scripts, bring_along_what_they_use_and_no_more) {
  for (const script& each : all_scripts()) {
    const bool has = each.text.find("local function meet_store") != std::string_view::npos;
    const bool uses = each.text.find("= meet_store(") != std::string_view::npos;
    EXPECT_EQ(has, uses) << each.name;
  }
}

// ---- found

class found_script : public script_fixture {};

TEST_F(found_script, founds_a_store_where_there_is_none) {
  store.flush_all();
  EXPECT_EQ(found(), R"(["founded"])");
  EXPECT_EQ(store.store_field("format"), "2");
  EXPECT_EQ(store.store_field("id"), "store");
  EXPECT_EQ(store.store_field("buckets"), "1");
  EXPECT_EQ(store.store_field("state"), "ready");
  EXPECT_EQ(store.store_field("run"), "run1");
  EXPECT_EQ(store.store_field("token"), "token1");
  EXPECT_EQ(enter("lane"), R"(["registered", "token1"])");
}

TEST_F(found_script, founds_a_closed_one_in_place_of_a_store_that_was_given_up) {
  store.flush_all();
  EXPECT_EQ(found("new", "old"), R"(["founded"])");
  EXPECT_EQ(store.store_field("was"), "old");
  EXPECT_EQ(store.store_field("closed"), "1");
  EXPECT_EQ(found("other"), R"(["found", "2", "new", "1", "ready", "old"])");
}

TEST_F(found_script, tells_what_is_there) {
  EXPECT_EQ(found("other"), R"(["found", "2", "store", "1", "ready", ""])");
  EXPECT_EQ(store.store_field("id"), "store");
  store.command({"HDEL", store_key, "format", "buckets", "state"});
  EXPECT_EQ(found("other"), R"(["found", "", "store", "", "", ""])");
}

// ---- set

class set_script : public script_fixture {
 protected:
  std::string set(const std::string& turn, const std::string& from = "",
                  const std::string& force = "forward") {
    return run(script_id::set_turn, {store_key, turns_key}, {"store", "a", turn, from, force});
  }
};

TEST_F(set_script, sets_forward) {
  EXPECT_EQ(set("7"), R"(["set", "0", (integer) 0])");
  EXPECT_EQ(set(last_turn), R"(["set", "7", (integer) 0])");
  EXPECT_EQ(text_of("a"), last_turn);
}

TEST_F(set_script, refuses_to_go_back_unless_forced) {
  set_text("a", "7");
  EXPECT_EQ(set("7"), R"(["ahead", "7", (integer) 0])");
  EXPECT_EQ(set("6"), R"(["ahead", "7", (integer) 0])");
  EXPECT_EQ(text_of("a"), "7");
  EXPECT_EQ(set("6", "", "force"), R"(["set", "7", (integer) 0])");
  EXPECT_EQ(text_of("a"), "6");
}

TEST_F(set_script, sets_only_what_it_expects_to_find) {
  set_text("a", "7");
  EXPECT_EQ(set("9", "8"), R"(["other", "7", (integer) 0])");
  EXPECT_EQ(set("5", "8", "force"), R"(["other", "7", (integer) 0])");
  EXPECT_EQ(text_of("a"), "7");
  EXPECT_EQ(set("9", "7"), R"(["set", "7", (integer) 0])");
  EXPECT_EQ(set("9", "7"), R"(["other", "9", (integer) 0])") << "when it is executed twice";
}

TEST_F(set_script, leaves_a_halted_counter_halted) {
  set_text("a", "h7");
  EXPECT_EQ(set("6"), R"(["ahead", "7", (integer) 1])");
  EXPECT_EQ(set("9", "7"), R"(["set", "7", (integer) 1])");
  EXPECT_EQ(text_of("a"), "h9");
}

TEST_F(set_script, mends_a_spoilt_counter_only_by_force) {
  for (const char* const text : {"many", "", "-1", "9007199254740992"}) {
    set_text("a", text);
    EXPECT_EQ(set("9"), R"(["spoilt", ")" + std::string{text} + R"("])");
    EXPECT_EQ(set("9", "1", "force"), R"(["other", "0", (integer) 0])");
    EXPECT_EQ(text_of("a"), text);
    EXPECT_EQ(set("9", "0", "force"), R"(["set", "0", (integer) 0])");
    EXPECT_EQ(text_of("a"), "9");
  }
}

TEST_F(set_script, refuses_a_foreign_store) {
  store.command({"HSET", store_key, "id", "other"});
  EXPECT_EQ(set("9"), R"(["foreign", "other", ""])");
  store.flush_all();
  EXPECT_EQ(set("9"), R"(["foreign", "", ""])");
}

// ---- resume

class resume_script : public script_fixture {
 protected:
  std::string resume(const std::string& mark) {
    return run(script_id::resume, {store_key, turns_key}, {"store", "a", mark});
  }
};

TEST_F(resume_script, goes_on_above_the_higher_of_halt_and_mark) {
  set_text("a", "h7");
  EXPECT_EQ(resume("5"), R"(["resumed", "7", (integer) 1])");
  EXPECT_EQ(text_of("a"), "7");
  set_text("a", "h7");
  EXPECT_EQ(resume("9"), R"(["resumed", "9", (integer) 1])");
  EXPECT_EQ(text_of("a"), "9");
}

TEST_F(resume_script, raises_a_counter_that_was_not_halted) {
  set_text("a", "7");
  EXPECT_EQ(resume("5"), R"(["resumed", "7", (integer) 0])");
  EXPECT_EQ(resume("9007199254740990"), R"(["resumed", "9007199254740990", (integer) 0])");
  EXPECT_EQ(text_of("a"), "9007199254740990");
}

TEST_F(resume_script, makes_no_counter_where_there_is_none) {
  EXPECT_EQ(resume("0"), R"(["resumed", "0", (integer) 0])");
  EXPECT_EQ(store.command({"HLEN", turns_key}).number, 0);
  EXPECT_EQ(resume("4"), R"(["resumed", "4", (integer) 0])");
  EXPECT_EQ(text_of("a"), "4");
}

TEST_F(resume_script, leaves_spoilt_counters_and_foreign_stores_alone) {
  for (const char* const text : {"many", "", "h", "h9007199254740992"}) {
    set_text("a", text);
    EXPECT_EQ(resume("9"), R"(["spoilt", ")" + std::string{text} + R"("])");
    EXPECT_EQ(text_of("a"), text);
  }
  store.command({"HSET", store_key, "id", "other"});
  EXPECT_EQ(resume("9"), R"(["foreign", "other", ""])");
}

}  // namespace
}  // namespace turnomatic::redis
