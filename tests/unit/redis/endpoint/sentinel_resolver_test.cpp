#include "unit/redis/sentinel_bench.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// ---- the order

struct history {
  std::string_view name;
  std::vector<std::string_view> before;  ///< rounds; one that ends in '+' is approved of
  std::string_view script;
  std::string_view asked;
};

TEST(sentinel_resolver, asks_by_its_experience) {
  const std::vector<history> rows{
      {"the first one knows", {}, "P", "a"},
      {"it does not answer", {}, "-P", "ab"},
      {"it does not know the name", {}, "?P", "ab"},
      {"it talks nonsense", {}, "#P", "ab"},
      {"nobody helps", {}, "-?#", "abc!"},
      {"the one that answered last comes first", {"--P+"}, "P", "c"},
      {"the latest of them", {"--P+", "-P+"}, "P", "a"},
      {"one that failed comes last", {"-P+"}, "---", "bca!"},
      {"several, the latest last", {"--P+", "-P+"}, "---", "abc!"},
      {"all of them: the oldest experience first", {"---"}, "---", "abc!"},
      {"a round in which nobody helps changes no order", {"---", "---"}, "--P", "abc"},
      {"one that failed and answers again", {"-P+", "--P+"}, "P", "a"},
      {"whose primary was of no use comes behind the others", {"P"}, "-Q", "bc"},
      {"but before those that failed", {"-P"}, "---", "cba!"},
      {"each in turn, while the primary is of no use", {"P", "P", "P"}, "P", "a"},
      {"all but one that fails: it is not asked before the others", {"-P", "P", "P"}, "P", "c"},
      {"its primary was of use after all", {"P", "P+"}, "P", "b"},
  };
  for (const history& row : rows) {
    inquiry made{"abc"};
    for (std::string_view round : row.before) {
      const bool approved = round.ends_with('+');
      round.remove_suffix(approved ? 1 : 0);
      (void)made.round(round);
      if (approved)
        made.tested.approve();
    }
    EXPECT_EQ(made.round(row.script), row.asked) << row.name;
  }
}

TEST(sentinel_resolver, says_where_the_primary_is_and_who_said_so) {
  inquiry made{"abc"};
  EXPECT_EQ(made.round("-P"), "ab");
  EXPECT_EQ(made.tested.primary(), host_of('P'));
  EXPECT_EQ(made.tested.witness(), host_of('b'));
}

// ---- the time

struct share {
  std::string_view name;
  std::string_view sentinels;
  duration patience;
  std::vector<duration> used;   ///< by each attempt
  std::vector<duration> given;  ///< fewer: there was no time for another
};

TEST(sentinel_resolver, shares_the_time_fairly_and_leaves_some_for_the_primary) {
  const std::vector<share> rows{
      {"half of it to one", "a", 900ms, {450ms}, {450ms}},
      {"a quarter to each of three", "abc", 1000ms, {250ms, 250ms, 250ms}, {250ms, 250ms, 250ms}},
      {"what is not used is there for the others",
       "abc",
       1000ms,
       {0ms, 50ms, 0ms},
       {250ms, 375ms, 700ms}},
      {"at least so much", "abc", 160ms, {50ms, 50ms, 20ms}, {50ms, 50ms, 20ms}},
      {"but never what belongs to the primary", "abc", 80ms, {50ms, 10ms}, {50ms, 10ms}},
      {"no time at all", "abc", 0ms, {}, {}},
      {"it was over before", "abc", -10s, {}, {}},
      {"or was used up by others", "abc", 1000ms, {10s}, {250ms}},
  };
  for (const share& row : rows) {
    inquiry made{row.sentinels};
    made.begin(row.patience);
    for (std::size_t i = 0; i < row.given.size(); ++i) {
      const auto next = made.tested.next(made.now);
      ASSERT_TRUE(next) << row.name;
      EXPECT_EQ(next->until - made.now, row.given[i]) << row.name << ", attempt " << i;
      made.tested.give_up("no answer in time");
      made.now += row.used[i];
    }
    EXPECT_FALSE(made.tested.next(made.now)) << row.name;
  }
}

TEST(sentinel_resolver, tells_of_those_that_it_had_no_time_for) {
  inquiry made{"abc"};
  made.begin();
  (void)made.tested.next(made.now);
  made.tested.give_up("no answer in time");
  made.now += 10s;
  EXPECT_FALSE(made.tested.next(made.now));
  EXPECT_THAT(made.tested.trouble(),
              HasSubstr("a:1 (no answer in time), b:1 (there was no time left to ask it), c:1 "
                        "(there was no time left to ask it)"));
  EXPECT_EQ(made.round("P"), "b") << "it is no experience with them";
}

// ---- what is said

std::string questions(inquiry& made) {
  std::string out;
  made.tested.append_questions(out, made.password);
  reply_reader commands;
  commands.feed(out);
  std::string said;
  while (const reply* const each = commands.next()) {
    for (std::size_t i = 0; i < each->elements.size(); ++i)
      said.append(i == 0 ? "" : " ").append(each->text_at(i));
    said += '\n';
  }
  return said;
}

TEST(sentinel_resolver, says_all_in_one_write_and_logs_in_if_it_can) {
  const std::string asked =
      "SENTINEL sentinels m\nSENTINEL master m\nSENTINEL get-master-addr-by-name m\n";
  inquiry nobody{"a"};
  EXPECT_EQ(questions(nobody), asked);
  inquiry with_password{"a", "", "p"};
  EXPECT_EQ(questions(with_password), "AUTH p\n" + asked);
  inquiry with_user{"a", "u", "p"};
  EXPECT_EQ(questions(with_user), "AUTH u p\n" + asked);
  inquiry without_password{"a", "u"};
  EXPECT_EQ(questions(without_password), "AUTH u \n" + asked);
}

TEST(sentinel_resolver, takes_the_answer_to_its_login_first) {
  inquiry made{"ab", "", "p"};
  made.begin();
  (void)made.tested.next(made.now);
  (void)questions(made);
  EXPECT_EQ(made.tested.take(resp_reply{ok}.value()), sentinel_resolver::progress::goes_on);
  EXPECT_EQ(made.tested.take(resp_reply{no_others}.value()), sentinel_resolver::progress::goes_on);
  EXPECT_EQ(made.tested.take(resp_reply{no_epoch}.value()), sentinel_resolver::progress::goes_on);
  EXPECT_EQ(made.tested.take(resp_reply{primary_at('P')}.value()),
            sentinel_resolver::progress::found);
}

// ---- why nobody helped

TEST(sentinel_resolver, goes_on_to_the_next_where_a_login_is_refused) {
  inquiry made{"ab", "", "p"};
  made.begin();
  (void)made.tested.next(made.now);
  (void)questions(made);
  EXPECT_EQ(made.tested.take(resp_reply{"-WRONGPASS invalid\r\n"}.value()),
            sentinel_resolver::progress::no_answer);
  ASSERT_TRUE(made.tested.next(made.now));
  EXPECT_EQ(made.tested.witness(), host_of('b'));
}

TEST(sentinel_resolver, names_each_sentinel_its_reason_and_what_helps_in_one_sentence) {
  inquiry made{"abcd"};
  EXPECT_EQ(made.round("-?#"), "abc...");
  EXPECT_FALSE(made.answers("-NOAUTH x\r\n", "-NOAUTH Authentication required.\r\n"));
  EXPECT_FALSE(made.tested.next(made.now));
  EXPECT_THAT(made.tested.trouble(),
              StartsWith("no sentinel says where it is: a:1 (TCP connect to x: Connection "
                         "refused), b:1 (it does not know this name), c:1 (its answer is not a "
                         "Sentinel's), d:1 (NOAUTH Authentication required.); correct the name"));
  EXPECT_THAT(made.tested.trouble(), HasSubstr("; set redis.sentinel_password_file"));
  EXPECT_THAT(made.tested.trouble(), EndsWith("or correct the hosts in redis.url"));
}

TEST(sentinel_resolver, tells_no_more_of_what_a_sentinel_says_than_people_read) {
  inquiry made{"a"};
  made.begin();
  (void)made.tested.next(made.now);
  EXPECT_FALSE(made.answers(no_others, "-ERR " + std::string(5000, 'x') + "\r\n"));
  EXPECT_FALSE(made.tested.next(made.now));
  EXPECT_LT(made.tested.trouble().size(), 300U);
}

TEST(sentinel_resolver, tells_of_the_latest_round_alone) {
  inquiry made{"ab"};
  EXPECT_EQ(made.round("--"), "ab!");
  EXPECT_EQ(made.round("?-"), "ab!");
  EXPECT_THAT(made.tested.trouble(), HasSubstr("a:1 (it does not know this name), b:1 (TCP"));
}

// ---- others

TEST(sentinel_resolver, remembers_other_sentinels_and_asks_them_after_those_that_it_knew) {
  inquiry made{"ab"};
  made.begin();
  (void)made.tested.next(made.now);
  EXPECT_TRUE(made.answers(others("bcd"), primary_at('P')));
  made.tested.approve();
  EXPECT_EQ(made.round("----"), "abcd!");
  EXPECT_EQ(made.round("--P"), "abc");
  made.tested.approve();
  EXPECT_EQ(made.round("P"), "c");
}

TEST(sentinel_resolver, asks_one_that_it_was_told_of_before_those_that_failed) {
  inquiry made{"ab"};
  made.begin();
  (void)made.tested.next(made.now);
  made.tested.give_up("no answer in time");
  (void)made.tested.next(made.now);
  EXPECT_TRUE(made.answers(others("c"), primary_at('P')));
  made.tested.approve();
  EXPECT_EQ(made.round("---"), "bca!");
}

TEST(sentinel_resolver, remembers_so_many_and_no_more) {
  constexpr std::string_view names = "cdefghijklmnopqr";
  static_assert(names.size() == sentinel_resolver::learned_max);
  inquiry made{"ab"};
  made.begin();
  (void)made.tested.next(made.now);
  EXPECT_TRUE(made.answers(others(names), primary_at('P')));
  made.tested.approve();
  made.begin();
  (void)made.tested.next(made.now);
  EXPECT_TRUE(made.answers(others("s"), primary_at('P')));
  made.tested.approve();
  EXPECT_EQ(made.order(19), "ab" + std::string{names} + "a");
}

TEST(sentinel_resolver, forgets_one_that_is_of_no_help_for_another_but_none_that_was_configured) {
  inquiry made{"ab"};
  made.begin();
  (void)made.tested.next(made.now);
  EXPECT_TRUE(made.answers(others("cdefghijklmnopqr"), primary_at('P')));
  made.tested.approve();
  EXPECT_EQ(made.round("---P"), "abcd");  // a, b and c have failed
  made.tested.approve();
  made.begin();
  (void)made.tested.next(made.now);
  EXPECT_TRUE(made.answers(others("s"), primary_at('P')));
  EXPECT_EQ(made.order(18), "defghijklmnopqrsab");
}

}  // namespace
}  // namespace turnomatic::redis
