// What an operator wants, command by command; the store is in the test's hands.
#include "backend/redis/administration.hpp"

#include "backend/redis/resp_codec.hpp"
#include "backend/redis/store_guard.hpp"
#include "backend/redis/store_library.hpp"
#include "support/resp_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

namespace turnomatic::redis {
namespace {

using namespace resp_text;

constexpr std::string_view run_id = "run1";

counter_id id_of(std::string_view text) {
  return counter_id::from_text(text).value();
}

std::string list_of(std::initializer_list<std::string> items) {
  std::string text = "*" + std::to_string(items.size()) + "\r\n";
  for (const std::string& item : items)
    text += item;
  return text;
}

/// A request, with a store that holds the genesis "g".
class errand {
 public:
  explicit errand(const admin_request& what) {
    (void)guard.arrive("g", run_id);
    guard.raised(true);
    steps_.emplace(what, "t", guard);
  }

  /// The commands of the next step, their words in one line each; the sources of libraries left
  /// out.
  std::string next() {
    std::string bytes;
    const std::size_t count = steps_->next(bytes);
    reply_reader commands;
    commands.feed(bytes);
    std::string text;
    std::size_t read = 0;
    for (; const reply* const command = commands.next(); ++read) {
      for (const reply* const word : command->elements)
        text.append(word->text.substr(0, 40)).append(" ");
      text.back() = '\n';
    }
    EXPECT_EQ(read, count);
    return text;
  }
  bool take(const std::string& bytes) {
    reply_reader replies;
    replies.feed(bytes);
    return steps_->take(*replies.next());
  }
  void give_up(bool sent) { steps_->give_up(sent); }

  [[nodiscard]] const result<admin_answer>& outcome() const { return steps_->outcome(); }
  [[nodiscard]] const std::string& refusal() const { return steps_->refusal(); }
  [[nodiscard]] std::uint64_t fence(std::string_view of) const {
    fence_table::place unused = nullptr;
    return guard.fences.highest(id_of(of), unused);
  }

  store_guard guard{"g", 6400, 1};

 private:
  std::optional<administration> steps_;
};

admin_request peek_of(std::string_view id) {
  return {.what = admin_action::peek, .id = id_of(id)};
}
admin_request set_of(std::string_view id, std::uint64_t turn, bool force = false) {
  return {.what = admin_action::set, .id = id_of(id), .turn = turn, .force = force};
}
admin_request resume_of(std::string_view id) {
  return {.what = admin_action::resume, .id = id_of(id)};
}
admin_request list_of(std::uint64_t cursor, std::uint32_t limit) {
  return {.what = admin_action::list, .id = {}, .cursor = cursor, .limit = limit};
}
const std::string set_call = the_library().set;
const std::string raise_call = the_library().raise;
const std::string no_function = error("ERR Function not found");

TEST(administration, looks_at_a_counter) {
  errand peek{peek_of("a")};
  EXPECT_EQ(peek.next(), "HMGET t:c:a v h\n");
  EXPECT_TRUE(peek.take(list_of({bulk("42"), bulk("1")})));
  EXPECT_EQ(peek.next(), "");
  ASSERT_TRUE(peek.outcome());
  EXPECT_EQ(peek.outcome()->counters.at(0).id, "a");
  EXPECT_EQ(peek.outcome()->counters.at(0).turn, 42U);
  EXPECT_TRUE(peek.outcome()->counters.at(0).halted);
}

TEST(administration, finds_a_counter_that_never_was_at_nought) {
  errand peek{peek_of("a")};
  (void)peek.next();
  peek.take(list_of({nil(), nil()}));
  EXPECT_EQ(peek.outcome()->counters.at(0).turn, 0U);
  EXPECT_FALSE(peek.outcome()->counters.at(0).halted);
}

TEST(administration, looks_at_each_counter_of_a_page) {
  errand page{list_of(5, 10)};
  EXPECT_EQ(page.next(), "SCAN 5 MATCH t:c:* COUNT 10\n");
  EXPECT_TRUE(page.take(list_of({bulk("77"), list_of({bulk("t:c:a"), bulk("t:c:b")})})));
  EXPECT_EQ(page.next(), "HMGET t:c:a v h\nHMGET t:c:b v h\n");
  EXPECT_FALSE(page.take(list_of({bulk("1"), nil()})));
  EXPECT_TRUE(page.take(list_of({bulk("2"), nil()})));
  EXPECT_EQ(page.next(), "");
  EXPECT_EQ(page.outcome()->counters.size(), 2U);
  EXPECT_EQ(page.outcome()->counters.at(1).id, "b");
  EXPECT_EQ(page.outcome()->cursor, 77U);
}

TEST(administration, ends_a_page_without_counters) {
  errand page{list_of(0, 10)};
  (void)page.next();
  page.take(list_of({bulk("0"), list_of(std::initializer_list<std::string>{})}));
  EXPECT_EQ(page.next(), "");
  EXPECT_TRUE(page.outcome()->counters.empty());
  EXPECT_EQ(page.outcome()->cursor, 0U);
}

TEST(administration, passes_over_what_is_no_counter_of_ours) {
  errand page{list_of(0, 10)};
  (void)page.next();
  page.take(list_of({bulk("0"), list_of({bulk("t:c:a"), bulk("t:c:no id"), bulk("t:c:text")})}));
  EXPECT_EQ(page.next(), "HMGET t:c:a v h\nHMGET t:c:text v h\n");
  page.take(list_of({bulk("1"), nil()}));
  page.take(error("WRONGTYPE Operation against a key holding the wrong kind of value"));
  EXPECT_EQ(page.next(), "");
  EXPECT_EQ(page.outcome()->counters.size(), 1U);
}

TEST(administration, looks_at_a_large_page_a_hundred_at_a_time) {
  errand page{list_of(0, 1000)};
  (void)page.next();
  std::string keys = "*250\r\n";
  for (int i = 0; i < 250; ++i)
    keys += bulk("t:c:" + std::to_string(i));
  page.take(list_of({bulk("0"), keys}));
  for (const int expected : {100, 100, 50}) {
    const std::string commands = page.next();
    ASSERT_EQ(std::count(commands.begin(), commands.end(), '\n'), expected);
    for (int i = 0; i < expected; ++i)
      EXPECT_EQ(page.take(list_of({bulk("1"), nil()})), i + 1 == expected);
  }
  EXPECT_EQ(page.next(), "");
  EXPECT_EQ(page.outcome()->counters.size(), 250U);
}

TEST(administration, fails_a_page_that_cannot_be_looked_at_whole) {
  errand page{list_of(0, 10)};
  (void)page.next();
  page.take(list_of({bulk("0"), list_of({bulk("t:c:a"), bulk("t:c:b"), bulk("t:c:c")})}));
  (void)page.next();
  EXPECT_FALSE(page.take(list_of({bulk("1"), nil()})));
  EXPECT_FALSE(page.take(error("LOADING Redis is loading the dataset in memory")));
  EXPECT_TRUE(page.take(list_of({bulk("1"), nil()})));
  EXPECT_EQ(page.next(), "");
  EXPECT_EQ(page.outcome().error(), errc::unavailable);
  EXPECT_EQ(page.refusal(), "LOADING Redis is loading the dataset in memory");
}

TEST(administration, sets_a_counter_forward_and_fences_it_there) {
  errand set{set_of("a", 100)};
  EXPECT_EQ(set.next(), "FCALL " + set_call.substr(0, 40) + " 2 t:c:a t:genesis g 100 forward\n");
  EXPECT_TRUE(set.take(array("set", {7, 1})));
  EXPECT_EQ(set.next(), "");
  EXPECT_EQ(set.outcome()->turn_before, 7U);
  EXPECT_EQ(set.outcome()->counters.at(0).turn, 100U);
  EXPECT_TRUE(set.outcome()->counters.at(0).halted);
  EXPECT_EQ(set.fence("a"), 100U);
}

TEST(administration, leaves_a_counter_that_is_ahead) {
  errand set{set_of("a", 7)};
  set.guard.fences.raise(id_of("a"), 5);
  (void)set.next();
  set.take(array("ahead", {7, 0}));
  EXPECT_EQ(set.outcome().error(), errc::counter_ahead);
  EXPECT_EQ(set.fence("a"), 5U);
}

TEST(administration, forgets_the_fence_of_a_counter_that_was_forced_back) {
  errand set{set_of("a", 3, true)};
  set.guard.fences.raise(id_of("a"), 9);
  EXPECT_NE(set.next().find(" 3 force\n"), std::string::npos);
  set.take(array("set", {9, 0}));
  EXPECT_EQ(set.outcome()->turn_before, 9U);
  EXPECT_EQ(set.fence("a"), 0U);
}

TEST(administration, keeps_the_fence_of_a_counter_that_was_forced_to_where_it_is) {
  errand set{set_of("a", 9, true)};
  set.guard.fences.raise(id_of("a"), 9);
  (void)set.next();
  set.take(array("set", {9, 0}));
  EXPECT_EQ(set.fence("a"), 9U);
}

TEST(administration, changes_nothing_in_a_foreign_store) {
  errand set{set_of("a", 3, true)};
  (void)set.next();
  set.take(array("foreign"));
  EXPECT_EQ(set.outcome().error(), errc::store_behind);
  errand resume{resume_of("a")};
  resume.guard.fences.raise(id_of("a"), 9);
  (void)resume.next();
  resume.take(array("foreign"));
  EXPECT_EQ(resume.next(), "");
  EXPECT_EQ(resume.outcome().error(), errc::store_behind);
}

TEST(administration, raises_a_counter_to_what_was_issued_before_it_goes_on) {
  errand resume{resume_of("a")};
  resume.guard.fences.raise(id_of("a"), 9);
  (void)resume.guard.note_behind({"a", 3, 9});
  EXPECT_EQ(resume.next(), "FCALL " + raise_call.substr(0, 40) + " 2 t:genesis t:c:a g skip 9\n");
  EXPECT_TRUE(resume.take(array("raised", {0, 3})));
  EXPECT_EQ(resume.next(), "HDEL t:c:a h\n");
  EXPECT_TRUE(resume.guard.is_behind("a")) << "not before the store says so";
  EXPECT_TRUE(resume.take(integer(1)));
  EXPECT_FALSE(resume.guard.is_behind("a"));
  EXPECT_EQ(resume.next(), "HMGET t:c:a v h\n");
  resume.take(list_of({bulk("9"), nil()}));
  EXPECT_EQ(resume.next(), "");
  EXPECT_EQ(resume.outcome()->counters.at(0).turn, 9U);
}

TEST(administration, resumes_an_id_of_which_nothing_was_issued_here) {
  errand resume{resume_of("a")};
  EXPECT_EQ(resume.next(), "HDEL t:c:a h\n");
}

TEST(administration, loads_the_library_once_if_its_function_is_gone) {
  errand set{set_of("a", 100)};
  const std::string command = set.next();
  EXPECT_TRUE(set.take(no_function));
  EXPECT_EQ(set.next().substr(0, 14), "FUNCTION LOAD ");
  EXPECT_TRUE(set.take(error("ERR Library 'x' already exists")));
  EXPECT_EQ(set.next(), command);
  EXPECT_TRUE(set.take(no_function));
  EXPECT_EQ(set.next(), "");
  EXPECT_EQ(set.outcome().error(), errc::unavailable);
}

TEST(administration, says_what_the_store_has_refused) {
  errand peek{peek_of("a")};
  (void)peek.next();
  peek.take(error("NOPERM this user has no permissions to run the 'hmget' command"));
  EXPECT_EQ(peek.outcome().error(), errc::unavailable);
  EXPECT_EQ(peek.refusal(), "NOPERM this user has no permissions to run the 'hmget' command");
  errand set{set_of("a", 1)};
  (void)set.next();
  set.take(error("OOM command not allowed when used memory > 'maxmemory'."));
  EXPECT_EQ(set.outcome().error(), errc::store_full);
}

TEST(administration, knows_what_may_have_been_done_when_a_connection_is_lost) {
  errand peek{peek_of("a")};
  (void)peek.next();
  peek.give_up(true);
  EXPECT_EQ(peek.outcome().error(), errc::unavailable) << "it changes nothing";
  errand set{set_of("a", 1)};
  (void)set.next();
  set.give_up(true);
  EXPECT_EQ(set.outcome().error(), errc::outcome_unknown);
  errand unsent{set_of("a", 1)};
  (void)unsent.next();
  unsent.give_up(false);
  EXPECT_EQ(unsent.outcome().error(), errc::unavailable);
}

TEST(administration, takes_no_nonsense_for_an_answer) {
  for (const std::string& nonsense : {integer(1), bulk("x"), array("set"), list_of({integer(1)})}) {
    errand set{set_of("a", 1)};
    (void)set.next();
    EXPECT_TRUE(set.take(nonsense));
    EXPECT_EQ(set.outcome().error(), errc::outcome_unknown);
    errand page{list_of(0, 1)};
    (void)page.next();
    EXPECT_TRUE(page.take(nonsense));
    EXPECT_EQ(page.outcome().error(), errc::unavailable);
    errand peek{peek_of("a")};
    (void)peek.next();
    EXPECT_TRUE(peek.take(nonsense));
    EXPECT_EQ(peek.outcome().error(), errc::unavailable);
  }
}

}  // namespace
}  // namespace turnomatic::redis
