// Commands that a shard sends for operators.
#include "unit/redis/shard_bench.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

std::string ping_text() {
  std::string text;
  append_command(text, std::array<std::string_view, 1>{"PING"});
  return text;
}

std::string field_text(std::string_view field) {
  std::string text;
  append_command(text, std::array<std::string_view, 3>{"HGET", "t:{0}:store", field});
  return text;
}

struct asking : counting {
  /// Keeps what comes; "lost" when nothing will.
  bool query(const std::string& commands, std::size_t count) {
    return bench.tested.query(
        commands, count,
        [this](const reply* answer) {
          seen.emplace_back(answer == nullptr ? std::string_view{"lost"} : answer->text);
        },
        now);
  }

  std::vector<std::string> seen;
};

TEST(shard, hands_each_reply_to_the_query_that_it_is_for) {
  asking shop;
  EXPECT_TRUE(shop.query(ping_text() + field_text("state"), 2));
  request& turn = shop.bench.ask("a");
  EXPECT_TRUE(shop.query(ping_text(), 1));
  shop.bench.exchange();
  EXPECT_EQ(shop.seen, (std::vector<std::string>{"PONG", "ready", "PONG"}));
  EXPECT_EQ(turn.range(), (turn_range{1, 1}));
}

TEST(shard, tells_a_query_once_that_the_connection_is_lost) {
  asking shop;
  EXPECT_TRUE(shop.query(ping_text() + ping_text() + ping_text(), 3));
  shop.bench.execute();
  shop.bench.deliver();
  shop.bench.cut();
  EXPECT_EQ(shop.seen, (std::vector<std::string>{"PONG", "lost"}));
  shop.bench.connect();
  EXPECT_EQ(shop.seen.size(), 2U);
}

TEST(shard, sends_no_query_before_its_connection_is_set_up) {
  workshop shop;
  store_guard guard{shop.guard_settings()};
  shard_bench bench{shop, guard};
  const auto query = [&] {
    return bench.tested.query(
        ping_text(), 1, [](const reply*) { FAIL(); }, shop.now);
  };
  EXPECT_FALSE(query());
  shop.pass(0ms);
  EXPECT_FALSE(query());
  bench.accept();
  EXPECT_FALSE(query());
}

TEST(shard, sends_the_next_query_from_within_a_reply) {
  asking shop;
  bool again = true;
  query_completion done = [&](const reply* answer) {
    shop.seen.emplace_back(answer == nullptr ? std::string_view{"lost"} : answer->text);
    if (std::exchange(again, false)) {
      EXPECT_TRUE(shop.bench.tested.query(ping_text(), 1, done, shop.now));
    }
  };
  EXPECT_TRUE(shop.bench.tested.query(ping_text(), 1, done, shop.now));
  shop.bench.exchange();
  EXPECT_EQ(shop.seen.size(), 2U);
}

TEST(shard, sends_no_query_from_where_another_is_told_that_it_was_lost) {
  asking shop;
  int asked = 0;
  EXPECT_TRUE(shop.bench.tested.query(
      ping_text(), 1, [&](const reply*) { asked += shop.query(ping_text(), 1) ? 1 : 100; },
      shop.now));
  (void)shop.guard.meet_run(0,
                            "another");  // as another lane does, which makes this one connect again
  shop.bench.tested.pump(shop.now);
  EXPECT_EQ(asked, 100);
}

TEST(shard, does_not_count_a_refused_query_against_the_store) {
  asking shop;
  EXPECT_TRUE(shop.query(field_text("id") + ping_text(), 2));
  shop.store.config.condition = memory_redis::condition::loading;
  shop.bench.exchange();
  EXPECT_EQ(shop.seen.size(), 2U);
  EXPECT_TRUE(shop.bench.events.failures.empty());
}

}  // namespace
}  // namespace turnomatic::redis
