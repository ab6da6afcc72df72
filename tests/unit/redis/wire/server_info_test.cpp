#include "backend/redis/wire/server_info.hpp"

#include "unit/redis/wire/info_texts.hpp"

#include <gmock/gmock.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// With the ends of lines that stores send.
std::string sent(std::string_view text) {
  std::string made;
  for (const char each : text)
    made += each == '\n' ? std::string{"\r\n"} : std::string(1, each);
  return made;
}

void read(server_info& into, std::string_view info) {
  const std::string text = sent(info);
  reply answer;
  answer.type = reply::kind::string;
  answer.text = text;
  read_server_info(into, answer);
}

void read_config(server_info& into,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  std::vector<reply> words;
  for (const auto& [name, value] : pairs) {
    for (const std::string_view word : {name, value}) {
      reply& made = words.emplace_back();
      made.type = reply::kind::string;
      made.text = word;
    }
  }
  reply answer;
  answer.type = reply::kind::array;
  for (const reply& each : words)
    answer.elements.push_back(&each);
  read_server_info(into, answer);
}

server_info told(std::initializer_list<std::string_view> sections) {
  server_info made;
  for (const std::string_view section : sections)
    read(made, section);
  return made;
}

// A primary of its own, without fault.
server_info good() {
  server_info made =
      told({redis_5_server, redis_5_replication, redis_5_memory, redis_5_persistence, no_cluster});
  read_config(made, {{"no-appendfsync-on-rewrite", "no"}, {"appendfsync", "always"}});
  return made;
}

server_info good_but(std::string server_info::*member, std::string_view value) {
  server_info made = good();
  made.*member = value;
  return made;
}

TEST(server_info, is_asked_for_in_one_write_a_section_a_command) {
  std::string out;
  append_server_info(out);
  reply_reader commands;  // a command is an array of strings, as a reply may be
  commands.feed(out);
  std::size_t count = 0;
  while (const reply* const each = commands.next())
    count += each->elements.size() >= 2 ? 1U : 0U;
  EXPECT_EQ(count, server_info_replies);
  EXPECT_THAT(out, HasSubstr("*2\r\n$4\r\nINFO\r\n$11\r\npersistence\r\n"));
  EXPECT_THAT(out, HasSubstr("*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$13\r\n*appendfsync*\r\n"));
}

TEST(server_info, is_read_from_redis_5) {
  const server_info info = good();
  EXPECT_EQ(info.product, "Redis");
  EXPECT_EQ(info.version, "5.0.14");
  EXPECT_EQ(info.mode, "standalone");
  EXPECT_EQ(info.run(), "0a2f6cc5b5a4f2bb0c8f3be8a2d05dc0a02b4a10");
  EXPECT_EQ(info.role, "master");
  EXPECT_EQ(info.primary, "");
  EXPECT_EQ(info.cluster_enabled, "0");
  EXPECT_EQ(info.eviction_policy, "noeviction");
  EXPECT_EQ(info.aof_enabled, "1");
  EXPECT_EQ(info.appendfsync, "always");
  EXPECT_EQ(unfit(info), std::nullopt);
  EXPECT_THAT(doubts_about(info), IsEmpty());
}

TEST(server_info, is_read_from_redis_7) {
  const server_info info =
      told({redis_7_server, redis_7_replication, redis_7_memory, redis_7_persistence, no_cluster});
  EXPECT_EQ(info.version, "7.0.15");
  EXPECT_EQ(info.run(),
            "8d47d873dcea33e9a46b9b897d9dd9f5edb953a7 f7e3874f105add0681545f769d85b2f9224d258d");
  EXPECT_EQ(unfit(info), std::nullopt);
}

// It draws another replication id when its first replica comes, and nothing is lost.
TEST(server_info, is_of_one_run_until_the_server_restarts_or_is_promoted) {
  const server_info alone = good();
  EXPECT_EQ(good_but(&server_info::replication_id, "other").run(), alone.run());
  EXPECT_NE(good_but(&server_info::run_id, "other").run(), alone.run());
  server_info promoted = good_but(&server_info::replication_id2, alone.replication_id);
  EXPECT_NE(promoted.run(), alone.run());
  const std::string first = promoted.run();
  promoted.replication_id = "other";
  EXPECT_NE(promoted.run(), first) << "promoted again";
}

TEST(server_info, counts_the_replication_id_of_a_server_that_does_not_tell_of_promotions) {
  server_info silent = good_but(&server_info::replication_id2, "");
  const std::string first = silent.run();
  silent.replication_id = "other";
  EXPECT_NE(silent.run(), first);
}

TEST(server_info, is_read_from_all_sections_in_one_text) {
  server_info info;
  read(info, std::string{redis_7_server} + "\n" + std::string{redis_7_replication} + "\n" +
                 std::string{redis_7_memory} + "\n" + std::string{no_cluster});
  EXPECT_EQ(info.role, "master");
  EXPECT_EQ(info.cluster_enabled, "0");
}

TEST(server_info, is_read_from_valkey_by_its_own_version) {
  const server_info info = told({valkey_8_server, valkey_8_replication, in_cluster});
  EXPECT_EQ(info.product, "Valkey");
  EXPECT_EQ(info.version, "8.0.1");
  EXPECT_EQ(info.mode, "cluster");
  EXPECT_EQ(info.cluster_enabled, "1");
}

TEST(server_info, says_nothing_where_it_is_refused_or_is_no_text) {
  server_info info;
  reply error;
  error.type = reply::kind::error;
  error.text = "NOPERM this user has no permissions to run the 'config|get' command";
  read_server_info(info, error);
  read_server_info(info, reply{});
  read_config(info, {});
  for (const std::string_view text : {"", ":", "run_id", "run_id\n", "\n\n", "# run_id:x:y"})
    read(info, text);
  EXPECT_EQ(info.run_id, "");
  EXPECT_EQ(info.appendfsync, "");
  EXPECT_EQ(info.run(), " ");
}

struct refused {
  std::string_view name;
  server_info server;
  std::vector<std::string> words;  ///< cause and cure
};

TEST(unfit, sends_nobody_to_the_configuration_where_a_sentinel_has_named_a_replica) {
  server_info replica = told({redis_6_server, redis_6_replica});
  replica.place.address = "10.0.0.8:6380";
  EXPECT_EQ(unfit(replica, "mymaster"),
            "10.0.0.8:6380, which a sentinel named as mymaster, is a replica of 10.0.0.7:6380: a "
            "failover has begun and is not over for all of them; sentinels are asked again");
  EXPECT_EQ(unfit(good(), "mymaster"), std::nullopt);
}

struct replica_row {
  std::string connected;  ///< as the server says; empty: it does not
  std::optional<std::uint32_t> known;
  std::uint32_t acknowledging;
  std::vector<std::string> doubts;  ///< the beginnings
};

TEST(doubts_about_replicas, are_too_few_and_copies_that_need_not_have_a_turn) {
  const std::vector<replica_row> rows{
      {"0", {}, 0, {}},
      {"1", {}, 0, {}},  // for a backup, as far as anybody has said
      {"0", 1U, 0, {"a turn is handed out when 1 of 2 copies hold it"}},
      {"1", 1U, 1, {}},
      {"2", 2U, 1, {}},
      {"2", 2U, 2, {}},
      {"3", 3U, 1, {"a turn is handed out when 2 of 4 copies hold it"}},
      {"1", 3U, 1, {"a turn is handed out when 2 of 4 copies hold it"}},
      {"3", {}, 1, {"a turn is handed out when 2 of 4 copies hold it"}},
      {"0", 2U, 1, {"1 replicas are to hold each turn and 0 are connected"}},
      {"", {}, 1, {}},
  };
  for (const auto& [connected, known, acknowledging, doubts] : rows) {
    server_info server;
    server.replicas = connected;
    server.place.replicas = known;
    const std::vector<std::string> found = doubts_about_replicas(server, acknowledging);
    ASSERT_EQ(found.size(), doubts.size()) << connected << " of " << known.value_or(0);
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_THAT(found[i], ::testing::StartsWith(doubts[i]));
  }
}

TEST(unfit, names_cause_and_cure) {
  const std::vector<refused> rows{
      {"a Sentinel", told({sentinel_server}), {"Sentinel", "primary that it watches"}},
      {"no run id", good_but(&server_info::run_id, ""), {"run_id", "not to a proxy"}},
      {"a replica, writable or not",
       told({redis_6_server, redis_6_replica}),
       {"replica of 10.0.0.7:6380", "lead to the primary"}},
      {"a replica that hides its primary",
       good_but(&server_info::role, "slave"),
       {"is a replica, and", "lead to the primary"}},
      {"a node of a cluster",
       told({valkey_8_server, valkey_8_replication, in_cluster}),
       {"cluster_enabled:1", "not in cluster mode"}},
      {"too old", good_but(&server_info::version, "4.0.14"), {"Redis 4.0.14", "Redis 5 or newer"}},
      {"evicts",
       good_but(&server_info::eviction_policy, "allkeys-lru"),
       {"maxmemory-policy is allkeys-lru", "noeviction"}},
      {"evicts otherwise",
       good_but(&server_info::eviction_policy, "allkeys-random"),
       {"maxmemory-policy is allkeys-random", "noeviction"}},
  };
  for (const auto& [name, server, words] : rows) {
    const auto why = unfit(server);
    ASSERT_TRUE(why) << name;
    for (const std::string& word : words)
      EXPECT_THAT(*why, HasSubstr(word)) << name;
    EXPECT_EQ(why->find(". "), std::string::npos) << *why;
    EXPECT_FALSE(why->ends_with('.')) << *why;
  }
}

TEST(unfit, is_nobody_for_what_it_does_not_say) {
  for (const auto member : {&server_info::role, &server_info::mode, &server_info::version,
                            &server_info::cluster_enabled, &server_info::eviction_policy,
                            &server_info::aof_enabled, &server_info::appendfsync})
    EXPECT_EQ(unfit(good_but(member, "")), std::nullopt);
}

TEST(unfit, is_nobody_for_a_version_that_is_new_enough_or_no_number) {
  for (const std::string_view version : {"5.0.0", "6.2.14", "255.255.255", "unstable", "v4", "4"})
    EXPECT_EQ(unfit(good_but(&server_info::version, version)), std::nullopt) << version;
}

TEST(unfit, is_nobody_for_evicting_what_expires) {
  for (const std::string_view policy : {"noeviction", "volatile-lru", "volatile-ttl", "unheard-of"})
    EXPECT_EQ(unfit(good_but(&server_info::eviction_policy, policy)), std::nullopt) << policy;
}

TEST(doubts_about, are_about_eviction_and_persistence) {
  const auto doubt = [](std::string server_info::*member, std::string_view value) {
    return doubts_about(good_but(member, value));
  };
  EXPECT_THAT(doubt(&server_info::eviction_policy, ""),
              ElementsAre(HasSubstr("does not name the maxmemory-policy")));
  EXPECT_THAT(doubt(&server_info::eviction_policy, "unheard-of"),
              ElementsAre(HasSubstr("maxmemory-policy is unheard-of")));
  EXPECT_THAT(doubt(&server_info::eviction_policy, "volatile-lru"), IsEmpty());
  EXPECT_THAT(doubt(&server_info::aof_enabled, "0"),
              ElementsAre(HasSubstr("keeps no append-only file")));
  EXPECT_THAT(doubt(&server_info::aof_enabled, ""), ElementsAre(HasSubstr("does not say")));
  EXPECT_THAT(doubt(&server_info::appendfsync, ""), ElementsAre(HasSubstr("+config|get")));
  EXPECT_THAT(doubt(&server_info::appendfsync, "everysec"),
              ElementsAre(HasSubstr("appendfsync is everysec")));
  EXPECT_THAT(doubt(&server_info::no_appendfsync_on_rewrite, "yes"),
              ElementsAre(HasSubstr("no-appendfsync-on-rewrite")));
}

}  // namespace
}  // namespace turnomatic::redis
