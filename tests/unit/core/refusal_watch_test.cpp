#include "core/refusal_watch.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;

/// A store that refuses and takes as the test says, looked at four times a second.
struct watched_store {
  void refuse(store_refusal kind = store_refusal::full) { ++totals.refusals[index_of(kind)]; }
  void take() { ++totals.successes; }
  void pass(duration time) {
    const time_point end = now + time;
    for (; now < end; now += 250ms)
      watch.look(totals, now);
    watch.look(totals, now);
  }
  [[nodiscard]] bool stands(store_refusal kind = store_refusal::full) const {
    return watch.stands(kind);
  }

  refusal_watch watch;
  refusal_watch::totals totals;
  time_point now{1000s};
};

TEST(refusal_watch, sees_nothing_where_nothing_is_refused) {
  watched_store store;
  store.take();
  store.pass(1s);
  for (std::size_t i = 0; i < store_refusal_count; ++i)
    EXPECT_FALSE(store.stands(static_cast<store_refusal>(i)));
}

TEST(refusal_watch, sees_a_kind_from_its_first_refusal_on_and_no_other) {
  watched_store store;
  store.refuse(store_refusal::misconf);
  store.refuse(store_refusal::misconf);
  store.pass(0s);
  EXPECT_TRUE(store.stands(store_refusal::misconf));
  EXPECT_EQ(store.watch.times(store_refusal::misconf), 2U);
  EXPECT_FALSE(store.stands(store_refusal::full));
}

TEST(refusal_watch, lets_it_stand_while_nobody_has_got_a_turn_since) {
  watched_store store;
  store.take();
  store.refuse();
  store.pass(59s);
  EXPECT_TRUE(store.stands());
}

TEST(refusal_watch, calls_it_over_once_turns_are_taken_and_it_has_been_quiet) {
  watched_store store;
  store.refuse();
  store.pass(1s);
  store.take();
  store.pass(3750ms);
  EXPECT_TRUE(store.stands()) << "quiet for less than five seconds";
  store.pass(250ms);
  EXPECT_FALSE(store.stands());
}

TEST(refusal_watch, does_not_let_it_come_and_go_with_each_refusal) {
  watched_store store;
  for (int i = 0; i < 20; ++i) {
    store.refuse();
    store.take();
    store.pass(4s);
    store.take();
    EXPECT_TRUE(store.stands()) << i;
  }
  EXPECT_EQ(store.watch.times(store_refusal::full), 20U);
}

TEST(refusal_watch, forgets_what_nobody_has_met_for_a_minute) {
  watched_store store;
  store.refuse();
  store.pass(59750ms);
  EXPECT_TRUE(store.stands());
  store.pass(250ms);
  EXPECT_FALSE(store.stands());
}

TEST(refusal_watch, counts_anew_when_it_begins_anew) {
  watched_store store;
  store.refuse();
  store.pass(1s);
  store.take();
  store.pass(5s);
  ASSERT_FALSE(store.stands());
  store.refuse();
  store.pass(0s);
  EXPECT_TRUE(store.stands());
  EXPECT_EQ(store.watch.times(store_refusal::full), 1U);
}

}  // namespace
}  // namespace turnomatic
