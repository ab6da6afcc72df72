// The scripts on a store in memory.
#pragma once

#include "support/memory_redis.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// A founded store "store" with the token "token1", and nobody on it. What the scripts answer is
/// shown as redis-cli does.
class script_fixture : public testing::Test {
 protected:
  using texts = std::vector<std::string>;

  struct batch {
    std::string id;
    std::string count{"1"};
    std::string mark{"0"};
    std::string key{};  ///< of the client
  };

  script_fixture() {
    for (const script& each : all_scripts())
      say({"SCRIPT", "LOAD", std::string{each.text}});
    found();
  }

  /// The reply to any command.
  std::string say(const texts& words) {
    std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words)
      bytes.append("$").append(std::to_string(word.size())).append("\r\n" + word + "\r\n");
    std::string_view input = bytes;
    const std::string answer = store.execute(input, connection).value();
    std::string_view unread = answer;
    std::ostringstream out;
    out << support::take_reply(unread).value();
    return out.str();
  }

  std::string run(script_id script, const texts& keys, const texts& arguments) {
    texts words{"EVALSHA", std::string{script_of(script).sha}, std::to_string(keys.size())};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), arguments.begin(), arguments.end());
    return say(words);
  }

  std::string found(const std::string& id = "store", const std::string& was = "") {
    return run(script_id::found, {store_key}, {"2", id, "1", "run1", "token1", was});
  }
  std::string enter(const std::string& lane, const std::string& generation = "g1",
                    const std::string& instance = "one") {
    return run(script_id::register_lane, {store_key, lane_key(lane)},
               {"store", server_run, instance, generation, life_span, "0"});
  }
  /// Enters with a new record in place of one that was lost.
  std::string enter_again(const std::string& lane, const std::string& instance = "one") {
    return run(script_id::register_lane, {store_key, lane_key(lane)},
               {"store", server_run, instance, "g1", life_span, "1"});
  }
  std::string take_over(const std::string& lane, const std::string& generation, const texts& tried,
                        const std::string& instance = "one") {
    texts arguments{"store", server_run, instance, generation, life_span};
    arguments.insert(arguments.end(), tried.begin(), tried.end());
    return run(script_id::take_over, {store_key, lane_key(lane)}, arguments);
  }
  std::string refresh(const std::string& lane, const std::string& instance = "one") {
    return run(script_id::refresh, {store_key, lane_key(lane)},
               {"store", server_run, instance, life_span});
  }
  std::string raise(const std::string& policy, const std::vector<batch>& counters) {
    texts arguments{"store", server_run, policy};
    for (const batch& each : counters)
      arguments.push_back(each.id);
    for (const batch& each : counters)
      arguments.push_back(each.mark);
    return run(script_id::raise_marks, {store_key, turns_key}, arguments);
  }

  /// What an instance reports while the store is closed.
  struct report_words {
    std::string instance{"one"};
    std::string verdict{};  ///< in_place, behind, or not known yet
    bool grace_passed{false};
    std::string marks_seen{"0"};
    std::string closing{};  ///< that it speaks of; empty: the current one
  };
  std::string report(const report_words& words) {
    return run(script_id::report, {store_key},
               {"store", server_run, words.instance, words.verdict, words.grace_passed ? "1" : "0",
                words.marks_seen, "token2", words.closing.empty() ? closing() : words.closing});
  }
  /// The number that the store has, or gives, to its latest closing.
  std::string closing() {
    const std::string held = store.store_field("closings");
    const int number = held.empty() ? 0 : std::stoi(held);
    return std::to_string(number + (store.store_field("run") == server_run ? 0 : 1));
  }

  struct place {
    std::string sequence;
    std::string lane{"lane"};
    std::string generation{"g1"};
    std::string policy{"halt"};
    std::string packet{"p1"};
  };
  /// Batches under a key come last.
  std::string take(const place& at, const std::vector<batch>& batches) {
    texts keys{lane_key(at.lane), turns_key};
    texts arguments{at.generation, at.sequence, at.packet, at.policy, "60000"};
    for (const batch& each : batches) {
      if (!each.key.empty())
        keys.push_back(key_record(each.key));
      arguments.push_back(each.id);
    }
    for (const batch& each : batches)
      arguments.push_back(each.count);
    for (const batch& each : batches)
      arguments.push_back(each.mark);
    return run(script_id::take, keys, arguments);
  }

  /// The text that a counter has in the store.
  void set_text(const std::string& id, const std::string& text) {
    store.command({"HSET", turns_key, id, text});
  }
  std::string text_of(const std::string& id) { return store.command({"HGET", turns_key, id}).text; }

  static std::string lane_key(const std::string& name) { return "t:{0}:lane:" + name; }
  static std::string key_record(const std::string& key) { return "t:{0}:key:" + key; }

  static constexpr const char* store_key = "t:{0}:store";
  static constexpr const char* turns_key = "t:{0}:turns";
  static constexpr const char* last_turn = "9007199254740991";

  memory_redis store;
  memory_redis::session connection;
  std::string server_run{"run1"};   ///< as the instances know it
  std::string life_span{"600000"};  ///< of lane records
};

}  // namespace turnomatic::redis
