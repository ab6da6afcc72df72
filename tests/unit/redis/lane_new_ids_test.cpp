// Which ids a lane takes for new ones, and what is charged for them.
#include "lane_bench.hpp"

#include <gtest/gtest.h>

#include <string>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

constexpr token_rate off{.per_minute = 0, .burst = 1};

/// A lane that may create three ids at once, and one in twenty seconds.
struct limited : workshop {
  limited() { bench.connect(); }

  [[nodiscard]] int left() {
    int count = 0;
    while (!new_ids.charge(0, now))
      ++count;
    for (int i = 0; i < count; ++i)
      new_ids.give_back(0);
    return count;
  }
  void create(std::initializer_list<const char*> ids) {
    for (const char* const id : ids)
      bench.ask(id);
    bench.exchange();
  }

  new_id_limit new_ids{{{.per_minute = 3, .burst = 3}, off}, 7};
  lane_bench bench{*this, {.new_ids = &new_ids}};
};

TEST(lane_new_ids, are_refused_beyond_their_limit_without_a_word_to_the_store) {
  limited at;
  at.create({"a", "b", "c"});
  const request& refused = at.bench.ask("d");
  EXPECT_EQ(refused.error(), errc::too_many_new_ids);
  EXPECT_EQ(refused.retry_in, 20s);
  EXPECT_FALSE(at.bench.execute()) << "nothing was sent";
  EXPECT_EQ(at.store.value("d"), 0U);
  at.now += 20s;
  const request& in_time = at.bench.ask("d");
  at.bench.exchange();
  EXPECT_EQ(in_time.range().first, 1U);
}

TEST(lane_new_ids, pay_nothing_once_they_are_known) {
  limited at;
  at.create({"a", "b", "c"});
  for (std::uint64_t turn = 2; turn < 50; ++turn) {
    const request& known = at.bench.ask("b");
    at.bench.exchange();
    EXPECT_EQ(known.range().first, turn);
  }
}

TEST(lane_new_ids, are_charged_once_for_all_that_wait_for_one) {
  limited at;
  for (int i = 0; i < 10; ++i)
    at.bench.ask("a");
  at.bench.exchange();
  EXPECT_EQ(at.left(), 2);
}

// An instance that was just started knows none.
TEST(lane_new_ids, are_none_that_the_store_turns_out_to_hold) {
  limited at;
  for (int i = 0; i < 20; ++i) {
    const std::string id = "old" + std::to_string(i);
    at.store.set_value(id, 7);
    const request& made = at.bench.ask(id);
    at.bench.exchange();
    EXPECT_EQ(made.range().first, 8U) << id;
  }
  EXPECT_EQ(at.left(), 3);
}

TEST(lane_new_ids, are_none_where_a_key_had_its_turn_already) {
  limited at;
  at.bench.ask_once("a", "k");
  at.bench.exchange();
  at.guard.fences.forget(*counter_id::from_text("a"));
  const request& again = at.bench.ask_once("a", "k");
  at.bench.exchange();
  EXPECT_EQ(again.range().first, 1U);
  EXPECT_EQ(at.left(), 2);
}

TEST(lane_new_ids, are_not_charged_for_what_the_store_refuses) {
  limited at;
  at.store.set_value("a", turn_max);
  const request& refused = at.bench.ask("a");
  at.bench.exchange();
  EXPECT_EQ(refused.error(), errc::counter_exhausted);
  EXPECT_EQ(at.left(), 3);
}

}  // namespace
}  // namespace turnomatic::redis
