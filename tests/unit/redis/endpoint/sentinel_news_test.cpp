// What a sentinel says that is behind the others, and what one says on its own.
#include "unit/redis/sentinel_bench.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <string_view>

namespace turnomatic::redis {
namespace {

using ::testing::HasSubstr;

// ---- one that is behind the others

std::string at_epoch(int number) {
  return "*2\r\n" + bulk("config-epoch") + bulk(std::to_string(number));
}

/// Sentinels `a` to `c`, the first of which has told of epoch 5.
struct after_a_failover : inquiry {
  after_a_failover() : inquiry{"abc"} {
    begin();
    EXPECT_TRUE(says('Q', 5));
    tested.approve();
  }
  /// The next one is asked.
  bool says(char primary, int epoch) {
    EXPECT_TRUE(tested.next(now));
    return answers(no_others, primary_at(primary), at_epoch(epoch));
  }
};

// It may be cut off from the others, together with a former primary.
TEST(sentinel_resolver, believes_a_sentinel_that_is_behind_only_if_nobody_knows_better) {
  after_a_failover made;
  made.begin();
  EXPECT_FALSE(made.says('P', 4));
  EXPECT_TRUE(made.says('R', 6));
  EXPECT_EQ(made.tested.primary(), host_of('R'));
  EXPECT_EQ(made.order(3), "bca") << "it is asked last from then on";
}

TEST(sentinel_resolver, takes_the_newest_of_what_is_behind_where_that_is_all) {
  after_a_failover made;
  made.begin();
  EXPECT_FALSE(made.says('P', 3));
  EXPECT_FALSE(made.says('R', 4));
  EXPECT_FALSE(made.says('S', 2));
  EXPECT_FALSE(made.tested.next(made.now));
  EXPECT_TRUE(made.tested.settle_for_less());
  EXPECT_EQ(made.tested.primary(), host_of('R'));
  EXPECT_EQ(made.tested.witness(), host_of('b'));
  made.tested.approve();
  made.begin();
  EXPECT_FALSE(made.says('R', 4)) << "others may be back, and know better";
  EXPECT_TRUE(made.says('Q', 5));
}

TEST(sentinel_resolver, settles_for_nothing_of_an_earlier_round) {
  after_a_failover made;
  EXPECT_FALSE(made.tested.settle_for_less());
  made.begin();
  EXPECT_FALSE(made.says('P', 3));
  EXPECT_EQ(made.round("---"), "bca!");
  EXPECT_FALSE(made.tested.settle_for_less());
  EXPECT_THAT(made.tested.trouble(), HasSubstr("a:1 (TCP"));
}

TEST(sentinel_resolver, believes_a_sentinel_that_does_not_tell_how_new_its_knowledge_is) {
  after_a_failover made;
  EXPECT_EQ(made.round("P"), "a");
  made.begin();
  EXPECT_FALSE(made.says('R', 4)) << "and what others have told holds";
}

// ---- what a sentinel says on its own

TEST(sentinel_resolver, hears_no_news_before_it_has_found_anything) {
  inquiry made{"ab"};
  EXPECT_FALSE(made.tested.hear(host_of('b'), host_of('Q'), 1));
  EXPECT_FALSE(made.tested.hear_switch(host_of('b'), host_of('Q')));
}

TEST(sentinel_resolver, hears_that_the_primary_is_another_and_asks_that_sentinel_first) {
  for (const std::optional<std::uint64_t> epoch : {std::optional<std::uint64_t>{}, {5U}, {6U}}) {
    after_a_failover made;
    EXPECT_FALSE(made.tested.hear(host_of('b'), host_of('Q'), epoch)) << "that is no news";
    EXPECT_TRUE(made.tested.hear(host_of('b'), host_of('R'), epoch));
    EXPECT_EQ(made.round("R"), "b");
  }
  after_a_failover made;
  EXPECT_FALSE(made.tested.hear_switch(host_of('b'), host_of('Q'))) << "that is no news";
  EXPECT_TRUE(made.tested.hear_switch(host_of('b'), host_of('R')));
  EXPECT_EQ(made.round("R"), "b");
}

TEST(sentinel_resolver, hears_nothing_from_one_that_is_behind) {
  after_a_failover made;
  EXPECT_FALSE(made.tested.hear(host_of('b'), host_of('P'), 4));
  EXPECT_EQ(made.round("Q"), "a");
}

TEST(sentinel_resolver, does_not_blame_who_named_a_primary_that_was_replaced) {
  inquiry made{"abc"};
  EXPECT_EQ(made.round("P"), "a");  // and is being connected to
  EXPECT_TRUE(made.tested.hear_switch(host_of('c'), host_of('Q')));
  EXPECT_EQ(made.round("---"), "cab!");
}

// One sentinel that is behind would have us look again and again.
TEST(sentinel_resolver, hears_of_a_primary_that_was_of_no_use_only_if_it_has_become_one) {
  inquiry made{"ab"};
  EXPECT_EQ(made.round("Q"), "a");  // a replica
  EXPECT_EQ(made.round("P"), "b");
  made.tested.approve();
  EXPECT_FALSE(made.tested.hear(host_of('a'), host_of('Q'), std::nullopt));
  EXPECT_TRUE(made.tested.hear_switch(host_of('a'), host_of('Q')));
  EXPECT_EQ(made.round("Q"), "a");
  made.tested.approve();
  EXPECT_EQ(made.round("P"), "a");
  made.tested.approve();
  EXPECT_TRUE(made.tested.hear(host_of('a'), host_of('Q'), std::nullopt)) << "it was of use since";
}

}  // namespace
}  // namespace turnomatic::redis
