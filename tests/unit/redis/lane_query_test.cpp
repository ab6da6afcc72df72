// Commands that a lane sends for others.
#include "unit/redis/lane_bench.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

std::string ping_text() {
  std::string text;
  append_command(text, std::array<std::string_view, 1>{"PING"});
  return text;
}

std::string get_text(std::string_view key) {
  std::string text;
  append_command(text, std::array<std::string_view, 2>{"GET", key});
  return text;
}

struct counting : workshop {
  counting() { bench.connect(); }

  /// Keeps what comes; "lost" when nothing will.
  bool query(const std::string& commands, std::size_t count) {
    return bench.tested.query(
        commands, count,
        [this](const reply* answer) {
          seen.emplace_back(answer == nullptr ? std::string_view{"lost"} : answer->text);
        },
        now);
  }

  lane_bench bench{*this};
  std::vector<std::string> seen;
};

TEST(lane, hands_each_reply_to_whoever_asked) {
  counting shop;
  EXPECT_TRUE(shop.query(ping_text() + get_text("t:genesis"), 2));
  request& turn = shop.bench.ask("a");
  EXPECT_TRUE(shop.query(ping_text(), 1));
  shop.bench.exchange();
  EXPECT_EQ(shop.seen, (std::vector<std::string>{"PONG", shop.store.genesis(), "PONG"}));
  EXPECT_EQ(turn.range(), (turn_range{1, 1}));
}

TEST(lane, tells_whoever_asked_once_that_the_connection_is_lost) {
  counting shop;
  EXPECT_TRUE(shop.query(ping_text() + ping_text() + ping_text(), 3));
  shop.bench.execute();
  shop.bench.deliver();
  shop.bench.cut();
  EXPECT_EQ(shop.seen, (std::vector<std::string>{"PONG", "lost"}));
  shop.bench.connect();
  EXPECT_EQ(shop.seen.size(), 2U);
}

TEST(lane, sends_no_query_without_a_connection_that_is_greeted) {
  workshop shop;
  lane_bench bench{shop};
  const auto query = [&] {
    return bench.tested.query(
        ping_text(), 1, [](const reply*) { FAIL(); }, shop.now);
  };
  EXPECT_FALSE(query());
  bench.open_connection();
  EXPECT_FALSE(query());
}

TEST(lane, sends_the_next_query_from_within_a_reply) {
  counting shop;
  bool again = true;
  lane::query_completion done = [&](const reply* answer) {
    shop.seen.emplace_back(answer == nullptr ? std::string_view{"lost"} : answer->text);
    if (std::exchange(again, false)) {
      EXPECT_TRUE(shop.bench.tested.query(ping_text(), 1, done, shop.now));
    }
  };
  EXPECT_TRUE(shop.bench.tested.query(ping_text(), 1, done, shop.now));
  shop.bench.exchange();
  EXPECT_EQ(shop.seen.size(), 2U);
}

TEST(lane, sends_queries_while_counting_is_halted) {
  counting shop;
  shop.store.flush_all();
  shop.bench.ask("a");
  shop.bench.exchange();
  ASSERT_FALSE(shop.bench.counts());
  EXPECT_TRUE(shop.query(ping_text(), 1));
  shop.bench.exchange();
  EXPECT_EQ(shop.seen, std::vector<std::string>{"PONG"});
}

TEST(lane, does_not_count_a_refused_query_against_the_store) {
  counting shop;
  EXPECT_TRUE(shop.query(get_text("x") + ping_text(), 2));
  shop.store.set_mood(model_store::mood::loading);
  shop.bench.exchange();
  EXPECT_EQ(shop.seen.size(), 2U);
  EXPECT_TRUE(shop.bench.events.failures.empty());
}

TEST(lane, counts_on_in_a_store_that_was_adopted) {
  counting shop;
  request& before = shop.bench.ask("a", 5);
  shop.bench.exchange();
  ASSERT_EQ(before.range(), (turn_range{1, 5}));
  shop.store.flush_all();
  request& refused = shop.bench.ask("a");
  shop.bench.exchange();
  ASSERT_EQ(refused.error(), errc::store_behind);
  shop.guard.adopt();
  shop.bench.connect();
  request& after = shop.bench.ask("a");
  request& other = shop.bench.ask("b");
  shop.bench.exchange();
  EXPECT_EQ(after.range(), (turn_range{6, 1})) << "above what was issued, and not halted";
  EXPECT_EQ(other.range(), (turn_range{1, 1}));
  EXPECT_TRUE(shop.guard.behind().empty());
}

// Another instance that counted on the old one must not take the store for restored.
TEST(lane, gives_a_store_that_was_emptied_another_genesis) {
  counting shop;
  const std::string first = shop.store.genesis();
  shop.store.flush_all();
  shop.bench.ask("a");
  shop.bench.exchange();
  shop.guard.adopt();
  shop.bench.connect();
  EXPECT_NE(shop.store.genesis(), "");
  EXPECT_NE(shop.store.genesis(), first);
  workshop other{first};
  other.store.set_genesis(shop.store.genesis());
  lane_bench stranger{other};
  stranger.open_connection();
  stranger.exchange();
  EXPECT_FALSE(stranger.counts());
  EXPECT_EQ(other.guard.loss(), store_loss::exchanged);
}

// It had been a replica meanwhile, of a primary that had not seen everything. It was not restarted.
TEST(lane, raises_the_counters_of_a_server_that_was_promoted) {
  workshop shop;
  lane_bench bench{shop, {.tuning = {.on_loss = loss_policy::skip}}};
  bench.connect();
  const auto older = shop.store.save();
  bench.ask("a", 5);
  bench.exchange();
  shop.store.be_replica_and_primary_again(older);
  bench.cut();
  bench.connect();
  EXPECT_EQ(shop.store.value("a"), 5U) << "before any turn is taken";
  bench.ask("a");
  bench.exchange();
  EXPECT_EQ(bench.requests.back().range(), (turn_range{6, 1}));
}

TEST(lane, halts_what_is_lost_after_an_adoption) {
  counting shop;
  shop.store.flush_all();
  shop.bench.ask("a");
  shop.bench.exchange();
  shop.guard.adopt();
  shop.bench.connect();
  const auto snapshot = shop.store.save();
  shop.bench.ask("a", 5);
  shop.bench.exchange();
  shop.crash(snapshot);
  shop.bench.cut();
  shop.bench.connect();
  EXPECT_TRUE(shop.store.halted("a")) << "what was accepted was the first loss, not this one";
}

}  // namespace
}  // namespace turnomatic::redis
