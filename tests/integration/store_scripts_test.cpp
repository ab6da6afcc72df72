// The scripts on a real store, against those on the one in memory.
#include "integration/pair_of_stores.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace turnomatic::redis {
namespace {

using words = pair_of_stores::words;
using condition = memory_redis::condition;

constexpr const char* store_key = "t:{0}:store";
constexpr const char* turns_key = "t:{0}:turns";

// ---- the scripts, one after another as chance has it

/// Three lanes of three instances, which may be behind, ahead or of another run.
class history {
 public:
  explicit history(std::uint32_t seed) : random_{seed} {
    both_.memory.pass(1'000'000'000);  // so that no stamp of its own is a level one
    both_.run(script_id::found, {store_key}, {"2", "store", "1", "run1", "token1", ""});
  }

  void go_on(int steps) {
    for (int i = 0; i < steps && both_.different() < 3; ++i) {
      happens();
      level_stamps();
      if (i % 50 == 0)
        both_.compare_content();
    }
    both_.compare_content();
  }
  [[nodiscard]] std::size_t different() const noexcept { return both_.different(); }
  [[nodiscard]] std::uint64_t turns_taken() const { return both_.memory.turns_taken(); }

 private:
  std::uint64_t draw(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>{0, below - 1}(random_);
  }
  bool one_in(std::uint64_t of) { return draw(of) == 0; }
  std::string number(std::uint64_t below) { return std::to_string(draw(below)); }
  std::string instance() { return "instance" + number(3); }
  std::string run() { return one_in(60) ? "run" + number(4) : both_.memory.store_field("run"); }
  std::string store_id() { return one_in(80) ? "other" : "store"; }
  std::string policy() { return one_in(3) ? "skip" : "halt"; }

  // The servers' clocks differ, and so would those whom a closing awaits.
  void level_stamps() {
    for (int i = 0; i < 3; ++i) {
      const std::string field = "alive:instance" + std::to_string(i);
      const std::string stamp = both_.memory.store_field(field);
      if (stamp.empty() || stamp == "2000000" || stamp == "1000000")
        continue;
      both_.say({"HSET", store_key, field, one_in(4) ? "1000000" : "2000000"});
    }
  }

  void happens() {
    switch (draw(24)) {
      case 0:
        return enters();
      case 1:
      case 2:
        return takes_over();
      case 3:
        both_.run(script_id::refresh, {store_key, lane_key()},
                  {store_id(), run(), instance(), "600000"});
        return;
      case 4:
      case 5:
        return raises();
      case 6:
      case 7:
        return reports();
      case 8:
        both_.run(script_id::set_turn, {store_key, turns_key},
                  {store_id(), id(), number(60), one_in(2) ? "" : number(60),
                   one_in(2) ? "force" : "forward"});
        return;
      case 9:
      case 10:
        both_.run(script_id::resume, {store_key, turns_key}, {store_id(), id(), number(60)});
        return;
      case 11:
        return spoils();
      case 12:
        both_.say({"DEL", key_record(number(4))});
        return;
      case 13:
        if (one_in(6))
          both_.say({"DEL", lane_key()});
        return;
      default:
        return takes();
    }
  }

  std::string id() { return std::string{"abcde"}.substr(draw(5), 1); }
  std::string lane_key() { return "t:{0}:lane:" + (lane_ = "lane" + number(3)); }
  static std::string key_record(const std::string& key) { return "t:{0}:key:" + key; }

  void enters() {
    both_.run(script_id::register_lane, {store_key, lane_key()},
              {store_id(), run(), instance(), "g" + std::to_string(++generation_),
               one_in(4) ? "0" : "600000", one_in(30) ? "1" : "0"});
  }

  void takes_over() {
    const std::string key = lane_key();
    words arguments{store_id(), run(), instance(), "g" + std::to_string(++generation_), "600000"};
    for (std::uint64_t i = draw(3); i > 0; --i)
      arguments.push_back("g" + number(generation_));
    if (!one_in(4))
      arguments.push_back(both_.memory.lane_field(lane_, "g"));
    both_.run(script_id::take_over, {store_key, key}, arguments);
  }

  void raises() {
    words arguments{store_id(), run(), policy()};
    const words ids{"a", "c", "e"};
    arguments.insert(arguments.end(), ids.begin(), ids.end());
    for (std::size_t i = 0; i < ids.size(); ++i)
      arguments.push_back(number(60));
    both_.run(script_id::raise_marks, {store_key, turns_key}, arguments);
  }

  void reports() {
    static constexpr std::array<const char*, 3> verdicts{"", "in_place", "behind"};
    const std::string marks = both_.memory.store_field("marks");
    const std::string closings = both_.memory.store_field("closings");
    both_.run(script_id::report, {store_key},
              {store_id(), run(), instance(), verdicts.at(draw(3)), number(2),
               one_in(5)       ? "any"
               : one_in(3)     ? number(3)
               : marks.empty() ? "0"
                               : marks,
               "token" + std::to_string(++generation_), one_in(8) ? number(9) : closings});
  }

  void spoils() {
    static constexpr std::array<const char*, 10> texts{"many",
                                                       "-1",
                                                       "1.5",
                                                       "h7",
                                                       "hx",
                                                       "9007199254740988",
                                                       "9007199254740991",
                                                       "9007199254740992",
                                                       "99999998",
                                                       "0"};
    both_.say({"HSET", turns_key, id(), texts.at(draw(texts.size()))});
  }

  // Now and then in the wrong place. Batches under a key come last, and may name an id again.
  void takes() {
    words keys{lane_key(), turns_key};
    const std::string sequence = both_.memory.lane_field(lane_, "s");
    words arguments{
        one_in(20) ? "g1" : both_.memory.lane_field(lane_, "g"),
        std::to_string((sequence.empty() ? 0 : std::stoull(sequence)) + (one_in(20) ? draw(3) : 1)),
        "p" + number(3), policy(), "60000"};
    words ids{"a", "b", "c", "d", "e"};
    ids.resize(draw(6));
    for (std::uint64_t keyed = ids.empty() ? 1 + draw(3) : draw(3); keyed > 0; --keyed) {
      ids.push_back(id());
      keys.push_back(key_record(number(4)));
    }
    arguments.insert(arguments.end(), ids.begin(), ids.end());
    for (std::size_t i = 0; i < ids.size(); ++i)
      arguments.push_back(std::to_string(1 + draw(5)));
    for (const std::string& each : ids)
      arguments.push_back(mark_of(each));
    both_.run(script_id::take, keys, arguments);
  }

  std::string mark_of(const std::string& id) {
    const std::string text = both_.memory.command({"HGET", turns_key, id}).text;
    const bool is_small = !text.empty() && text.size() < 9 &&
                          text.find_first_not_of("0123456789") == std::string::npos;
    const std::uint64_t turn = is_small ? std::stoull(text) : 0;
    return std::to_string(one_in(8) ? turn + draw(4) : turn / 2);
  }

  std::minstd_rand random_;
  pair_of_stores both_;
  std::uint64_t generation_{0};
  std::string lane_;
};

class store_scripts : public testing::TestWithParam<std::uint32_t> {};

TEST_P(store_scripts, do_on_a_store_what_they_do_in_memory) {
  history both{GetParam()};
  both.go_on(3'000);
  EXPECT_EQ(both.different(), 0U);
  EXPECT_GT(both.turns_taken(), 500U) << "a history in which next to nothing is counted";
}

INSTANTIATE_TEST_SUITE_P(seeds, store_scripts, testing::Range(1U, 5U),
                         testing::PrintToStringParamName());

// ---- what a store refuses

class refusing_store : public testing::Test {
 protected:
  refusing_store() {
    both.run(script_id::found, {store_key}, {"2", "store", "1", "run1", "token1", ""});
    enter("lane1");
    take("1", {"a", "b"});
  }

  void enter(const std::string& lane) {
    both.run(script_id::register_lane, {store_key, "t:{0}:lane:" + lane},
             {"store", "run1", "one", "g1", "600000", "0"});
  }
  void take(const std::string& sequence, const words& ids, const words& keys = {}) {
    words all_keys{"t:{0}:lane:lane1", turns_key};
    all_keys.insert(all_keys.end(), keys.begin(), keys.end());
    words arguments{"g1", sequence, "p" + sequence, "halt", "60000"};
    arguments.insert(arguments.end(), ids.begin(), ids.end());
    for (const char* const each : {"1", "0"})
      arguments.insert(arguments.end(), ids.size(), each);
    both.run(script_id::take, all_keys, arguments);
  }
  /// One of each, in an order in which they would all succeed.
  void run_all() {
    take("2", {"a", "b"}, {"t:{0}:key:k"});
    both.run(script_id::set_turn, {store_key, turns_key}, {"store", "a", "9", "", "forward"});
    both.run(script_id::resume, {store_key, turns_key}, {"store", "b", "7"});
    enter("lane2");
    both.run(script_id::refresh, {store_key, "t:{0}:lane:lane1"},
             {"store", "run1", "one", "600000"});
    both.run(script_id::take_over, {store_key, "t:{0}:lane:lane1"},
             {"store", "run1", "one", "g2", "600000", "g1"});
    both.run(script_id::raise_marks, {store_key, turns_key},
             {"store", "run2", "skip", "a", "c", "20", "20"});
    both.run(script_id::report, {store_key},
             {"store", "run2", "one", "behind", "1", "1", "token2", "1"});
    both.say({"SET", "x", "1"});
    both.say({"HDEL", "x", "1"});
  }

  pair_of_stores both;
};

TEST_F(refusing_store, refuses_takes_alone_when_it_is_full) {
  both.say_to_real({"CONFIG", "SET", "maxmemory", "1"});
  both.memory.config.condition = condition::full;
  run_all();
  EXPECT_EQ(both.memory.store_field("token"), "token2") << "lanes and recovery went on";
  EXPECT_EQ(both.memory.turns_taken(), 2U);
}

TEST_F(refusing_store, refuses_each_write_when_it_is_a_replica) {
  both.say_to_real({"REPLICAOF", "127.0.0.1", "1"});
  both.memory.config.condition = condition::read_only;
  run_all();
  EXPECT_EQ(both.memory.store_field("token"), "token1");
}

TEST_F(refusing_store, takes_nothing_for_a_user_who_may_not_set_keys) {
  both.say_to_real({"ACL", "SETUSER", "default", "-set"});
  both.memory.forbid("set");
  run_all();
  EXPECT_EQ(both.memory.turns_taken(), 2U) << "the packet of a batch under a key";
}

TEST_F(refusing_store, refuses_each_script_where_a_type_is_wrong) {
  for (const char* const key : {turns_key, "t:{0}:lane:lane1", "t:{0}:key:k", store_key}) {
    both.say({"DEL", key});
    both.say({"SET", key, "1"});
    run_all();
  }
  both.compare_content();
}

}  // namespace
}  // namespace turnomatic::redis
