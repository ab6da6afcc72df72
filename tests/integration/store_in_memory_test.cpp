// The store in memory that the shards are tested with, against a real one.
#include "integration/pair_of_stores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {
namespace {

using support::redis_reply;
using words = pair_of_stores::words;

const std::vector<words> commands{
    {"PING"},
    {"PING", "x"},
    {"ping"},
    {"PING", "x", "y"},
    {"ROLE"},
    {"NONE", "a", "b"},
    {"GET"},
    {"GET", "none"},
    {"SET", "s", "1"},
    {"GET", "s"},
    {"SET", "s", "2", "PX", "60000"},
    {"SET", "s", "2", "PX", "0"},
    {"SET", "s", "2", "PX", "x"},
    {"SET", "s", "2", "NOT"},
    {"HSET", "s", "f", "v"},
    {"HGET", "s", "f"},
    {"HMGET", "s", "f"},
    {"HGETALL", "s"},
    {"HLEN", "s"},
    {"HDEL", "s", "f"},
    {"HINCRBY", "s", "f", "1"},
    {"HSCAN", "s", "0"},
    {"HSET", "h", "f"},
    {"HSET", "h", "f", "v", "g"},
    {"HSET", "h", "f", "v", "g", "w"},
    {"HSET", "h", "f", "u", "i", "7"},
    {"HGET", "h", "f"},
    {"HGET", "h", "none"},
    {"HGET", "none", "f"},
    {"HMGET", "h", "f", "none", "i"},
    {"HMGET", "none", "f"},
    {"HGETALL", "none"},
    {"HLEN", "h"},
    {"HLEN", "none"},
    {"HINCRBY", "h", "i", "5"},
    {"HINCRBY", "h", "i", "-20"},
    {"HINCRBY", "h", "f", "1"},
    {"HINCRBY", "h", "i", "x"},
    {"HINCRBY", "h", "i", "01"},
    {"HINCRBY", "new", "i", "1"},
    {"HSET", "h", "m", "01"},
    {"HINCRBY", "h", "m", "1"},
    {"HSET", "h", "m", "9223372036854775807"},
    {"HINCRBY", "h", "m", "1"},
    {"HSCAN", "h", "0", "MATCH", "f*"},
    {"HSCAN", "h", "x"},
    {"HSCAN", "h", "0", "COUNT", "0"},
    {"HSCAN", "h", "0", "NOT", "1"},
    {"HSCAN", "none", "0"},
    {"SCAN", "0", "MATCH", "ne*"},
    {"SCAN", "0", "NOT", "x"},
    {"SCAN", "x"},
    {"GET", "h"},
    {"HDEL", "h", "f", "f", "none"},
    {"HDEL", "none", "f"},
    {"HDEL", "h", ""},
    {"EXISTS", "h", "h", "none"},
    {"PEXPIRE", "h", "60000"},
    {"PEXPIRE", "none", "60000"},
    {"PEXPIRE", "h", "x"},
    {"PEXPIRE", "new", "0"},
    {"EXISTS", "new"},
    {"DEL", "h", "none"},
    {"EXISTS", "h"},
    {"CONFIG", "GET", "appendfsync"},
    {"CONFIG", "GET", "maxmemory-policy"},
    {"CONFIG", "GET", "none"},
    {"CONFIG"},
    {"CONFIG", "NOT"},
    {"CLIENT", "SETNAME", "a"},
    {"CLIENT", "SETNAME", "a b"},
    {"CLIENT", "NOT"},
    {"SCRIPT", "NOT"},
    {"WAIT", "0", "1"},
    {"WAIT", "x", "1"},
    {"INFO", "none"},
    {"SELECT", "x"},
    {"SELECT", "16"},
    {"SELECT", "3"},
    {"GET", "s"},
    {"SELECT", "0"},
    {"GET", "s"},
    {"AUTH", "x"},
    {"AUTH", "x", "y"},
    {"AUTH", "x", "y", "z"},
};

TEST(store_in_memory, answers_commands_as_a_store_does) {
  pair_of_stores both;
  for (const words& each : commands)
    both.say(each);
  both.compare_content();
}

class other_kind_of_server : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(modes, other_kind_of_server, testing::Values("cluster", "sentinel"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_P(other_kind_of_server, is_answered_for_as_it_answers) {
  pair_of_stores both{GetParam()};
  const std::string sha{script_of(script_id::found).sha};
  for (const words& each :
       {words{"PING"}, words{"ROLE"}, words{"AUTH", "x"}, words{"CLIENT", "SETNAME", "a"},
        words{"SELECT", "1"}, words{"SELECT", "0"}, words{"INFO", "cluster"},
        words{"CONFIG", "GET", "none"}, words{"SCRIPT", "LOAD", "return 1"}, words{"EXISTS", "a"},
        words{"HMGET", "a", "b"}, words{"SET", "a", "b"}, words{"EVALSHA", sha, "1", "a"},
        words{"WAIT", "0", "1"}})
    both.say(each);
}

const std::vector<std::string> texts{
    "return {1, 2.9, -1.5, true, false, 'x', {'a', nil, 'b'}, {}, nil, 4}",
    "return 9007199254740991",
    "return 'text'",
    "return nil",
    "return {ok = 'fine'}",
    "return {err = 'OWN words'}",
    "return redis.error_reply('OWN words')",
    "return redis.status_reply('fine')",
    "return redis.call('HGET', 'a')",
    "return redis.call('NONE', 'a')",
    "\n\nreturn redis.call('HGET', 's', 'f')",
    "return redis.pcall('HGET', 's', 'f')",
    "return redis.pcall('HGET', 's', 'f').err",
    "return redis.call('HGET', {}, 'f')",
    "return redis.call()",
    "return none",
    "none = 1",
    "return nil + 1",
    "error('own')",
    "error({err = 'OWN words'})",
    "return redis.call('EVALSHA', 'x', 0)",
    "return redis.call('SET', 'k', 100000000)",
    "return redis.call('GET', 'k')",
    "return redis.call('SET', 'k', 9007199254740991)",
    "return redis.call('GET', 'k')",
    "return redis.call('SET', 'k', 2.5)",
    "return redis.call('GET', 'k')",
    "return redis.call('GET', 'none') == false",
    "return type(redis.call('SET', 'k', 1))",
    "return redis.call('SET', 'k', 1).ok",
    "return redis.call('HMGET', 'none', 'a', 'b')",
    "return 1 =",
    "return #KEYS + #ARGV",
    "return tostring(1e15) .. tostring(2^53)",
    "return string.format('%.0f', 2^53 - 1)",
    R"(return cmsgpack.pack({0, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296,
         9007199254740991, '', 'a', string.rep('b', 31), string.rep('c', 32), string.rep('d', 256),
         'last'}))",
    "local t = {} for i = 1, 300 do t[i] = i * 1000 end return cmsgpack.pack(t)",
    "return cmsgpack.unpack(cmsgpack.pack({5, 9007199254740991, 'x', 't 1 2 3'}))",
    "return cmsgpack.pack({})",
    "return cmsgpack.unpack(cmsgpack.pack({}))"};

TEST(store_in_memory, runs_scripts_as_a_store_does) {
  pair_of_stores both;
  both.say({"SET", "s", "1"});
  for (const std::string& each : texts)
    both.run_text(each);
  const std::string unknown(40, 'a');
  for (const words& each : {words{"EVALSHA", unknown, "0"}, words{"EVALSHA", "short", "0"},
                            words{"EVALSHA", unknown, "x"}, words{"EVALSHA", unknown, "-1"},
                            words{"EVALSHA", unknown, "2", "k"}, words{"SCRIPT", "FLUSH"}})
    both.say(each);
  both.run(script_id::found, {"t:{0}:store"}, {"2", "store", "1", "run1", "token1", ""});
}

// The hashes were computed when the program was built.
TEST(store_in_memory, knows_the_scripts_by_the_hashes_that_a_store_gives_them) {
  pair_of_stores both;
  for (const script& each : all_scripts())
    EXPECT_EQ(both.say({"SCRIPT", "LOAD", std::string{each.text}}),
              redis_reply::bulk(std::string{each.sha}));
}

TEST(store_in_memory, scans_a_large_hash_whole) {
  memory_redis store;
  std::vector<std::string> names;
  for (int i = 0; i < 3'000; ++i) {
    names.push_back("id" + std::to_string(i));
    store.command({"HSET", "h", names.back(), "1"});
  }
  std::vector<std::string> found;
  std::string cursor = "0";
  do {
    const redis_reply page = store.command({"HSCAN", "h", cursor, "COUNT", "100"});
    cursor = page.elements.at(0).text;
    for (std::size_t i = 0; i < page.elements[1].elements.size(); i += 2)
      found.push_back(page.elements[1].elements[i].text);
    store.command({"HDEL", "h", found.back()});
    store.command({"HSET", "h", "new" + cursor, "1"});
  } while (cursor != "0");
  std::ranges::sort(found);
  std::ranges::sort(names);
  EXPECT_TRUE(std::ranges::includes(found, names));
}

// ---- what a test does to it

// A connection to the store in memory.
struct client {
  std::string say(std::initializer_list<std::string_view> said) {
    std::string bytes = "*" + std::to_string(said.size()) + "\r\n";
    for (const std::string_view word : said)
      bytes.append("$")
          .append(std::to_string(word.size()))
          .append("\r\n")
          .append(word)
          .append("\r\n");
    std::string_view input = bytes;
    const std::string reply = store.execute(input, as).value();
    return reply.substr(0, reply.find(' '));
  }

  memory_redis& store;
  memory_redis::session as{};
};

TEST(store_in_memory, refuses_by_its_condition) {
  using condition = memory_redis::condition;
  memory_redis store;
  client any{store};
  store.config.condition = condition::loading;
  EXPECT_EQ(any.say({"PING"}), "-LOADING");
  EXPECT_EQ(any.say({"GET", "a"}), "-LOADING");
  EXPECT_EQ(any.say({"SELECT", "1"}), "+OK\r\n");
  store.config.condition = condition::busy;
  EXPECT_EQ(any.say({"PING"}), "-BUSY");
  EXPECT_EQ(any.say({"INFO"}), "-BUSY");
  store.config.condition = condition::disk_failing;
  EXPECT_EQ(any.say({"PING"}), "-MISCONF");
  EXPECT_EQ(any.say({"SET", "a", "1"}), "-MISCONF");
  EXPECT_EQ(any.say({"GET", "a"}), "$-1\r\n");
  store.restart();
  EXPECT_EQ(any.say({"PING"}), "+PONG\r\n");
}

TEST(store_in_memory, lets_in_who_knows_the_password) {
  memory_redis store;
  store.config.user = "turns";
  store.config.password = "secret";
  client any{store};
  EXPECT_EQ(any.say({"PING"}), "-NOAUTH");
  EXPECT_EQ(any.say({"AUTH", "secret"}), "-WRONGPASS");
  EXPECT_EQ(any.say({"AUTH", "turns", "wrong"}), "-WRONGPASS");
  EXPECT_EQ(any.say({"AUTH", "turns", "secret"}), "+OK\r\n");
  EXPECT_EQ(any.say({"PING"}), "+PONG\r\n");
  client other{store};
  EXPECT_EQ(other.say({"PING"}), "-NOAUTH");
}

TEST(store_in_memory, refuses_what_it_is_told_to) {
  memory_redis store;
  client any{store};
  store.refuse("Get", "OWN words");
  EXPECT_EQ(any.say({"GET", "a"}), "-OWN");
  store.refuse("get", "");
  EXPECT_EQ(any.say({"GET", "a"}), "$-1\r\n");
  store.forbid("client|setname");
  EXPECT_EQ(any.say({"CLIENT", "SETNAME", "a"}), "-NOPERM");
  store.config.replicas = 2;
  EXPECT_EQ(any.say({"WAIT", "1", "0"}), ":2\r\n");
}

TEST(store_in_memory, loses_its_scripts_and_not_its_data_in_a_restart) {
  memory_redis store;
  client any{store};
  const script& found = script_of(script_id::found);
  any.say({"SCRIPT", "LOAD", found.text});
  any.say({"EVALSHA", found.sha, "1", "t:{0}:store", "2", "a", "1", "run1", "token1"});
  const auto saved = store.save();
  store.restart();
  EXPECT_EQ(store.run_id(), "run2");
  EXPECT_EQ(any.say({"EVALSHA", found.sha, "1", "t:{0}:store"}), "-NOSCRIPT");
  EXPECT_EQ(store.store_field("id"), "a");
  store.flush_all();
  EXPECT_EQ(store.store_field("id"), "");
  store.be_replica_and_primary_again(saved);
  EXPECT_EQ(store.run_id(), "run2");
  EXPECT_EQ(store.store_field("id"), "a");
}

TEST(store_in_memory, takes_no_order_that_cannot_be_carried_out) {
  memory_redis store;
  store.command({"SET", "a", "1"});
  EXPECT_THROW(store.expire_key("a"), std::logic_error);
  EXPECT_THROW(store.expire_key("none"), std::logic_error);
  EXPECT_THROW(store.replace_in_script(script_id::take, "no such words", ""),
               std::invalid_argument);
  EXPECT_THROW(store.replace_script(script_id::take, "return ="), std::invalid_argument);
  store.command({"PEXPIRE", "a", "1"});
  store.expire_key("a");
  EXPECT_EQ(store.command({"EXISTS", "a"}).number, 0);
}

}  // namespace
}  // namespace turnomatic::redis
