// The store's function on a real Redis, against the model that the lanes are tested with.
#include "backend/redis/store_function.hpp"

#include "backend/redis/store_library.hpp"
#include "backend/redis/store_set.hpp"
#include "support/model_store.hpp"
#include "support/redis_process.hpp"
#include "support/redis_reply.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {
namespace {

using words = std::vector<std::string>;

constexpr std::string_view genesis = "genesis1";

/// Says the same to a Redis and to its model.
class pair_of_stores {
 public:
  pair_of_stores() {
    model_.keep_log();
    std::string load;
    store_commands::load_library(load);
    says_to_model(load);
    redis_.command({"FUNCTION", "LOAD", the_library().source});
    set_genesis(genesis);
  }

  /// The words of `command`, as they were said to both; what each answered is compared.
  words say(const std::string& command) {
    const std::string answer = says_to_model(command);
    words said = last_words();
    say_again(said, answer);
    return said;
  }
  /// What a ghost says.
  void repeat(const words& said) {
    std::string command = "*" + std::to_string(said.size()) + "\r\n";
    for (const std::string& word : said)
      command += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    say_again(said, says_to_model(command));
  }
  void set_genesis(std::string_view token) {
    redis_.command({"SET", "t:genesis", std::string{token}});
    model_.set_genesis(std::string{token});
  }
  void end_key(const std::string& id, const std::string& key) {
    redis_.command({"DEL", "t:i:" + id + ":" + key});
    model_.end_key(id, key);
  }
  void resume(const std::string& id) {
    redis_.command({"HDEL", "t:c:" + id, "h"});
    model_.resume(id);
  }
  void set_value(const std::string& id, std::uint64_t to) {
    redis_.command({"HSET", "t:c:" + id, "v", std::to_string(to)});
    model_.set_value(id, to);
  }
  [[nodiscard]] std::uint64_t value(std::string_view id) const { return model_.value(id); }
  [[nodiscard]] std::size_t different() const noexcept { return different_; }

 private:
  std::string says_to_model(std::string_view command) {
    return model_.execute(command, session_).value();
  }
  words last_words() {
    std::istringstream line{model_.take_log().back()};
    words said;
    for (std::string word; line >> word;)
      said.push_back(word);
    return said;
  }
  void say_again(const words& said, std::string_view expected) {
    const auto modelled = support::take_reply(expected).value();
    const auto real = redis_.command(said);
    if (real == modelled)
      return;
    ++different_;
    std::string text;
    for (const std::string& word : said)
      text += word + " ";
    ADD_FAILURE() << text << "\nRedis: " << real << "\nmodel: " << modelled;
  }

  support::redis_process process_;
  support::redis_client redis_{process_.connect()};
  model_store model_{"t"};
  model_store::session session_;
  std::size_t different_{0};
};

/// A history of three lanes on two counters, ghosts among them.
class history {
 public:
  explicit history(std::uint32_t memos) : memos_{memos} {
    for (const char* const lane : {"lane1", "lane2", "lane3"}) {
      for (const loss_policy policy : {loss_policy::halt, loss_policy::skip})
        lanes_.push_back({store_commands{
            {.prefix = "t", .lane = lane, .memos_per_counter = memos_, .on_loss = policy}}});
    }
  }

  void goes(int steps) {
    for (int i = 0; i < steps && stores_.different() < 3; ++i)
      goes_on();
  }
  [[nodiscard]] std::size_t different() const noexcept { return stores_.different(); }

 private:
  std::uint64_t draw(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>{0, below - 1}(random_);
  }

  void goes_on() {
    const std::string id{draw(4) == 0 ? "b" : "a"};
    switch (draw(40)) {
      case 0:
        return stores_.set_value(id, turn_max - draw(6));
      case 1:
        return stores_.set_value(id, draw(50));
      case 2:
        return stores_.set_genesis(draw(2) == 0 ? "another" : genesis);
      case 3:
      case 4:
        return stores_.set_genesis(genesis);
      case 5:
      case 6:
      case 7:
        return stores_.resume(id);
      case 8:
        return raises();
      case 9:
        return stores_.end_key(id, std::to_string(draw(3)));
      case 10:
        return sets(id);
      default:
        break;
    }
    if (!said_.empty() && draw(3) == 0)
      return stores_.repeat(
          said_[said_.size() - 1 - draw(std::min<std::size_t>(said_.size(), 12))]);
    takes(id);
  }

  void takes(const std::string& id) {
    const std::uint64_t which = draw(lanes_.size());
    const counter_id counter = counter_id::from_text(id).value();
    const std::uint64_t stands_at = stores_.value(id);
    const std::uint64_t fence =
        draw(10) == 0 ? stands_at + draw(4) : stands_at - draw(stands_at / 2 + 1);
    const store_commands::take_call call{counter, genesis, ++sequence_, 1 + draw(5),
                                         std::min(fence, turn_max)};
    std::string command;
    if (draw(4) == 0)
      lanes_[which].take_once(command, call, std::to_string(draw(3)), std::chrono::hours{1},
                              draw(2) == 0);
    else if (draw(4) == 0)
      lanes_[which].resolve(command, call);
    else
      lanes_[which].take(command, call);
    said_.push_back(stores_.say(command));
  }

  void raises() {
    std::vector<std::pair<counter_id, std::uint64_t>> to;
    for (const char* const id : {"a", "b"})
      to.emplace_back(counter_id::from_text(id).value(),
                      std::min(stores_.value(id) + draw(3), turn_max));
    std::string command;
    lanes_[draw(lanes_.size())].raise(command, genesis, to,
                                      draw(2) == 0 ? loss_policy::halt : loss_policy::skip);
    stores_.say(command);
  }

  void sets(const std::string& id) {
    const counter_id counter = counter_id::from_text(id).value();
    const std::uint64_t stands_at = stores_.value(id);
    const std::uint64_t turn = draw(2) == 0 ? stands_at + draw(3) : draw(stands_at + 1);
    std::string command;
    append_set(command, {.prefix = "t",
                         .id = counter,
                         .genesis = genesis,
                         .turn = std::min(turn, turn_max),
                         .force = draw(2) == 0});
    stores_.say(command);
  }

  const std::uint32_t memos_;
  std::minstd_rand random_{3};
  pair_of_stores stores_;
  std::vector<store_commands> lanes_;
  std::vector<words> said_;
  std::uint64_t sequence_{0};
};

class store_function : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(store_function, does_what_its_model_does) {
  history both{GetParam()};
  both.goes(5'000);
  EXPECT_EQ(both.different(), 0U);
}

// Somebody has put something else where a counter was. The others are raised all the same.
TEST(store_function_raise, leaves_out_what_is_no_counter_and_mends_what_is_no_number) {
  support::redis_process process;
  support::redis_client redis{process.connect()};
  redis.command({"FUNCTION", "LOAD", the_library().source});
  redis.command({"SET", "t:genesis", std::string{genesis}});
  redis.command({"SET", "t:c:spoilt", "5"});
  redis.command({"HSET", "t:c:a", "v", "many", "x", "more"});
  const auto answer =
      redis.command({"FCALL", the_library().raise, "4", "t:genesis", "t:c:a", "t:c:spoilt", "t:c:b",
                     std::string{genesis}, "halt", "3", "7", "9"});
  EXPECT_EQ(answer.elements.size(), 7U) << answer;
  EXPECT_EQ(redis.command({"HGET", "t:c:a", "v"}).text, "3");
  EXPECT_EQ(redis.command({"HGET", "t:c:b", "v"}).text, "9");
  EXPECT_EQ(redis.command({"GET", "t:c:spoilt"}).text, "5");
}

// An id that was only asked for must not stay in the store for good.
TEST(store_function_refusal, leaves_no_key_behind) {
  support::redis_process process;
  support::redis_client redis{process.connect()};
  redis.command({"FUNCTION", "LOAD", the_library().source});
  redis.command({"SET", "t:genesis", std::string{genesis}});
  const auto take_once = [&](std::string_view id, std::string_view of) {
    return redis.command({"FCALL", the_library().take_once, "3", "t:c:" + std::string{id},
                          "t:genesis", "t:i:" + std::string{id} + ":k", std::string{of}, "lane",
                          "1", "1", "0", "32", "halt", "60000", "first"});
  };
  const auto set = [&](std::string_view of, std::string_view turn) {
    return redis.command({"FCALL", the_library().set, "2", "t:c:new", "t:genesis", std::string{of},
                          std::string{turn}, "forward"});
  };
  EXPECT_EQ(set(genesis, "0").elements.at(0).text, "ahead");
  EXPECT_EQ(set("another", "9").elements.at(0).text, "foreign");
  EXPECT_EQ(take_once("new", "another").elements.at(0).text, "foreign");
  EXPECT_EQ(redis.command({"DBSIZE"}).number, 1);

  redis.command({"HSET", "t:c:full", "v", "9007199254740991"});
  EXPECT_EQ(take_once("full", genesis).elements.at(0).text, "exhausted");
  redis.command({"HSET", "t:c:halted", "v", "3", "h", "1"});
  EXPECT_EQ(take_once("halted", genesis).elements.at(0).text, "halted");
  EXPECT_EQ(redis.command({"DBSIZE"}).number, 3) << "the genesis and the two counters";
}

INSTANTIATE_TEST_SUITE_P(memos, store_function, ::testing::Values(1, 2, 4, 32),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace turnomatic::redis
