#include "backend/redis/wire/sentinel_commands.hpp"

#include "unit/redis/resp_reply.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {
namespace {

using ::testing::ElementsAre;

TEST(sentinel_commands, log_in_only_with_what_there_is) {
  std::string out;
  EXPECT_FALSE(append_login(out, "", ""));
  EXPECT_EQ(out, "");
  EXPECT_TRUE(append_login(out, "", "p"));
  EXPECT_EQ(out, "*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n");
  out.clear();
  EXPECT_TRUE(append_login(out, "u", ""));
  EXPECT_EQ(out, "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$0\r\n\r\n");
}

// "get-primary-addr-by-name" is known to Valkey 8.1 alone.
TEST(sentinel_commands, ask_in_words_that_every_version_knows) {
  std::string out;
  append_primary_question(out, "m");
  EXPECT_EQ(out, "*3\r\n$8\r\nSENTINEL\r\n$23\r\nget-master-addr-by-name\r\n$1\r\nm\r\n");
  out.clear();
  append_sentinels_question(out, "m");
  EXPECT_EQ(out, "*3\r\n$8\r\nSENTINEL\r\n$9\r\nsentinels\r\n$1\r\nm\r\n");
  out.clear();
  append_epoch_question(out, "m");
  EXPECT_EQ(out, "*3\r\n$8\r\nSENTINEL\r\n$6\r\nmaster\r\n$1\r\nm\r\n");
}

TEST(sentinel_commands, read_the_epoch_where_it_is_said) {
  const auto read = [](std::string_view bytes) { return read_epoch(resp_reply{bytes}.value()); };
  EXPECT_EQ(read("*4\r\n$4\r\nname\r\n$1\r\nm\r\n$12\r\nconfig-epoch\r\n$2\r\n17\r\n"), 17U);
  EXPECT_EQ(read("*2\r\n$12\r\nconfig-epoch\r\n$2\r\n-1\r\n"), std::nullopt);
  EXPECT_EQ(read("*1\r\n$12\r\nconfig-epoch\r\n"), std::nullopt);
  EXPECT_EQ(read("-NOPERM no\r\n"), std::nullopt);
  EXPECT_EQ(read("*-1\r\n"), std::nullopt);
}

TEST(sentinel_commands, read_how_many_replicas_there_are) {
  const auto read = [](std::string_view bytes) { return read_replicas(resp_reply{bytes}.value()); };
  EXPECT_EQ(read("*4\r\n$4\r\nname\r\n$1\r\nm\r\n$10\r\nnum-slaves\r\n$1\r\n2\r\n"), 2U);
  EXPECT_EQ(read("*2\r\n$10\r\nnum-slaves\r\n$10\r\n4294967296\r\n"), std::nullopt);
  EXPECT_EQ(read("*2\r\n$10\r\nnum-slaves\r\n$1\r\nx\r\n"), std::nullopt);
  EXPECT_EQ(read("-ERR No such master with that name\r\n"), std::nullopt);
}

struct primary_row {
  const char* name;
  std::string_view answer;
  std::optional<redis_host> host;
};

TEST(sentinel_commands, read_a_primary_that_can_be_connected_to) {
  const std::string long_name(254, 'a');
  const std::string too_long = "*2\r\n$254\r\n" + long_name + "\r\n$1\r\n1\r\n";
  const primary_row rows[] = {
      {"IPv4", "*2\r\n$8\r\n10.0.0.1\r\n$4\r\n6379\r\n", redis_host{"10.0.0.1", 6379}},
      {"IPv6", "*2\r\n$3\r\n::1\r\n$5\r\n65535\r\n", redis_host{"::1", 65535}},
      {"a name", "*2\r\n$9\r\nredis-1.a\r\n$1\r\n1\r\n", redis_host{"redis-1.a", 1}},
      {"nobody", "*-1\r\n", std::nullopt},
      {"one word", "*1\r\n$1\r\na\r\n", std::nullopt},
      {"three words", "*3\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\n1\r\n", std::nullopt},
      {"no host", "*2\r\n$0\r\n\r\n$1\r\n1\r\n", std::nullopt},
      {"a host that is none", "*2\r\n$3\r\na b\r\n$1\r\n1\r\n", std::nullopt},
      {"a host that is too long", too_long, std::nullopt},
      {"port 0", "*2\r\n$1\r\na\r\n$1\r\n0\r\n", std::nullopt},
      {"port 65536", "*2\r\n$1\r\na\r\n$5\r\n65536\r\n", std::nullopt},
      {"no port", "*2\r\n$1\r\na\r\n$1\r\nx\r\n", std::nullopt},
      {"a port that is no text", "*2\r\n$1\r\na\r\n:1\r\n", std::nullopt},
      {"a text", "$1\r\na\r\n", std::nullopt},
      {"OK", "+OK\r\n", std::nullopt},
  };
  for (const primary_row& row : rows)
    EXPECT_EQ(read_primary(resp_reply{row.answer}.value()), row.host) << row.name;
}

TEST(sentinel_commands, read_the_other_sentinels_that_are_readable) {
  const resp_reply answer{
      "*4\r\n"
      "*4\r\n$2\r\nip\r\n$8\r\n10.0.0.2\r\n$4\r\nport\r\n$5\r\n26379\r\n"
      "*3\r\n$2\r\nip\r\n$8\r\n10.0.0.3\r\n$4\r\nport\r\n"
      "*6\r\n$4\r\nname\r\n$1\r\nx\r\n$4\r\nport\r\n$1\r\n7\r\n$2\r\nip\r\n$3\r\n::1\r\n"
      "$2\r\nip\r\n"};
  EXPECT_THAT(read_sentinels(answer.value()),
              ElementsAre(redis_host{"10.0.0.2", 26379}, redis_host{"::1", 7}));
  EXPECT_THAT(read_sentinels(resp_reply{"-ERR No such master with that name\r\n"}.value()),
              ElementsAre());
}

std::string message(std::string_view channel, std::string_view text) {
  const auto bulk = [](std::string_view each) {
    return '$' + std::to_string(each.size()) + "\r\n" + std::string{each} + "\r\n";
  };
  return "*3\r\n" + bulk("message") + bulk(channel) + bulk(text);
}

TEST(sentinel_commands, read_switches_of_the_primary_and_nothing_else) {
  const auto read = [](std::string_view bytes) {
    return read_switch(resp_reply{bytes}.value(), "m");
  };
  EXPECT_EQ(read(message("+switch-master", "m 10.0.0.1 6379 10.0.0.2 6380")),
            (redis_host{"10.0.0.2", 6380}));
  EXPECT_EQ(read(message("+switch-master", "m ::1 6379 ::2 6380")), (redis_host{"::2", 6380}));
  EXPECT_EQ(read(message("+switch-master", "mm 10.0.0.1 6379 10.0.0.2 6380")), std::nullopt);
  EXPECT_EQ(read(message("+sdown", "m 10.0.0.1 6379 10.0.0.2 6380")), std::nullopt);
  for (const char* const cut : {"", "m", "m 10.0.0.1", "m 10.0.0.1 6379", "m 10.0.0.1 6379 ",
                                "m 10.0.0.1 6379 10.0.0.2", "m 10.0.0.1 6379 10.0.0.2 "})
    EXPECT_EQ(read(message("+switch-master", cut)), std::nullopt) << cut;
  EXPECT_EQ(read("*2\r\n$4\r\npong\r\n$0\r\n\r\n"), std::nullopt);
  EXPECT_EQ(read("+PONG\r\n"), std::nullopt);
}

TEST(sentinel_commands, tell_a_subscription_that_stands) {
  std::string out;
  append_subscription(out);
  EXPECT_EQ(out, "*2\r\n$9\r\nSUBSCRIBE\r\n$14\r\n+switch-master\r\n");
  EXPECT_TRUE(is_subscribed(
      resp_reply{"*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n"}.value()));
  EXPECT_FALSE(
      is_subscribed(resp_reply{"*3\r\n$9\r\nsubscribe\r\n$6\r\n+sdown\r\n:1\r\n"}.value()));
  EXPECT_FALSE(is_subscribed(resp_reply{"*2\r\n$1\r\na\r\n$1\r\n1\r\n"}.value()));
}

}  // namespace
}  // namespace turnomatic::redis
