#include "app/config/redis_url.hpp"

#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;

struct accepted_row {
  const char* text;
  redis_target target;
  const char* written;  // as it is printed
};

redis_target over_tcp(std::string host, std::uint16_t port = 6379, std::uint32_t database = 0) {
  redis_target made;
  made.hosts = {{std::move(host), port}};
  made.database = database;
  return made;
}

redis_target over_tls(std::string host) {
  redis_target made = over_tcp(std::move(host));
  made.tls = true;
  return made;
}

redis_target over_socket(std::string path, std::uint32_t database = 0) {
  redis_target made;
  made.unix_path = std::move(path);
  made.database = database;
  return made;
}

redis_target of_sentinels(std::vector<redis_host> hosts, std::string primary = "mymaster") {
  redis_target made;
  made.topology = redis_topology::sentinel;
  made.hosts = std::move(hosts);
  made.primary = std::move(primary);
  return made;
}

redis_target with_login(redis_target made, std::string user, std::string password) {
  made.user = std::move(user);
  made.password = std::move(password);
  return made;
}

void expect_accepted(const std::vector<accepted_row>& rows) {
  for (const auto& row : rows) {
    const auto target = parse_redis_url(row.text);
    ASSERT_TRUE(target.has_value()) << row.text << ": " << target.error().reason;
    EXPECT_EQ(*target, row.target) << row.text;
    EXPECT_EQ(format_redis_url(*target), row.written);
    EXPECT_EQ(*parse_redis_url(row.written), row.target) << row.written;
  }
}

// "a0,a1,a2".
std::string names(int count) {
  std::string list = "a0";
  for (int i = 1; i < count; ++i)
    list += ",a" + std::to_string(i);
  return list;
}

}  // namespace

TEST(redis_url, names_a_host_and_perhaps_a_port_and_a_database) {
  expect_accepted({
      {"redis://host", over_tcp("host"), "redis://host:6379"},
      {"redis://127.0.0.1:6379", {}, "redis://127.0.0.1:6379"},
      {"redis://a-b_c.Example.:1", over_tcp("a-b_c.Example.", 1), "redis://a-b_c.Example.:1"},
      {"redis://host:65535/", over_tcp("host", 65535), "redis://host:65535"},
      {"redis://host:06379/00", over_tcp("host"), "redis://host:6379"},
      {"redis://host/15", over_tcp("host", 6379, 15), "redis://host:6379/15"},
      {"redis://host/2147483647", over_tcp("host", 6379, 2147483647),
       "redis://host:6379/2147483647"},
      {"redis://host?db=3", over_tcp("host", 6379, 3), "redis://host:6379/3"},
      {"redis://host:1/?db=3", over_tcp("host", 1, 3), "redis://host:1/3"},
      {"rediss://host", over_tls("host"), "rediss://host:6379"},
  });
}

TEST(redis_url, may_name_a_host_that_begins_like_an_address) {
  expect_accepted({
      {"redis://10.0.0.1.nip.io:6379", over_tcp("10.0.0.1.nip.io"), "redis://10.0.0.1.nip.io:6379"},
      {"redis://1.2.3.4.example.com", over_tcp("1.2.3.4.example.com"),
       "redis://1.2.3.4.example.com:6379"},
      {"rediss://10.0.0.1-node", over_tls("10.0.0.1-node"), "rediss://10.0.0.1-node:6379"},
      {"redis://1.2.3:5", over_tcp("1.2.3", 5), "redis://1.2.3:5"},
  });
}

TEST(redis_url, may_be_one_of_valkey) {
  expect_accepted({
      {"valkey://host/1", over_tcp("host", 6379, 1), "redis://host:6379/1"},
      {"valkeys://host", over_tls("host"), "rediss://host:6379"},
  });
}

TEST(redis_url, names_sentinels_and_the_primary_that_they_know) {
  const redis_target two = of_sentinels({{"a", 26379}, {"b", 1}});
  redis_target with_database = two;
  with_database.database = 3;
  redis_target secure = two;
  secure.tls = true;
  expect_accepted({
      {"redis+sentinel://a,b:1/mymaster", two, "redis+sentinel://a:26379,b:1/mymaster"},
      {"redis+sentinel://a:26379,b:1/mymaster/", two, "redis+sentinel://a:26379,b:1/mymaster"},
      {"redis+sentinel://a,b:1/mymaster/0", two, "redis+sentinel://a:26379,b:1/mymaster"},
      {"redis+sentinel://a,b:1/mymaster/3", with_database,
       "redis+sentinel://a:26379,b:1/mymaster/3"},
      {"redis+sentinel://a,b:1/mymaster?db=3", with_database,
       "redis+sentinel://a:26379,b:1/mymaster/3"},
      {"redis+sentinel://a,b:1/mymaster/?db=3", with_database,
       "redis+sentinel://a:26379,b:1/mymaster/3"},
      {"valkey+sentinel://a,b:1/mymaster", two, "redis+sentinel://a:26379,b:1/mymaster"},
      {"rediss+sentinel://a,b:1/mymaster", secure, "rediss+sentinel://a:26379,b:1/mymaster"},
      {"valkeys+sentinel://a,b:1/mymaster", secure, "rediss+sentinel://a:26379,b:1/mymaster"},
      {"redis+sentinel://ann:hunter2@a,b:1/mymaster", with_login(two, "ann", "hunter2"),
       "redis+sentinel://ann:hunter2@a:26379,b:1/mymaster"},
      {"redis+sentinel://:a,b@a,b:1/mymaster", with_login(two, "", "a,b"),
       "redis+sentinel://:a,b@a:26379,b:1/mymaster"},
      {"redis+sentinel://[::1],[2001:DB8::1]:7,10.0.0.1.nip.io/M-y_1.",
       of_sentinels({{"::1", 26379}, {"2001:db8::1", 7}, {"10.0.0.1.nip.io", 26379}}, "M-y_1."),
       "redis+sentinel://[::1]:26379,[2001:db8::1]:7,10.0.0.1.nip.io:26379/M-y_1."},
  });
}

TEST(redis_url, names_nodes_of_a_cluster) {
  redis_target three;
  three.topology = redis_topology::cluster;
  three.hosts = {{"a", 6379}, {"b", 7000}, {"::1", 6379}};
  redis_target secure = three;
  secure.tls = true;
  expect_accepted({
      {"redis+cluster://a,b:7000,[::1]", three, "redis+cluster://a:6379,b:7000,[::1]:6379"},
      {"redis+cluster://a,b:7000,[::1]/0", three, "redis+cluster://a:6379,b:7000,[::1]:6379"},
      {"valkey+cluster://a,b:7000,[::1]?db=0", three, "redis+cluster://a:6379,b:7000,[::1]:6379"},
      {"rediss+cluster://:hunter2@a,b:7000,[::1]/", with_login(secure, "", "hunter2"),
       "rediss+cluster://:hunter2@a:6379,b:7000,[::1]:6379"},
      {"valkeys+cluster://a,b:7000,[::1]", secure, "rediss+cluster://a:6379,b:7000,[::1]:6379"},
  });
}

TEST(redis_url, may_name_16_hosts_and_a_primary_of_64_characters) {
  EXPECT_TRUE(parse_redis_url("redis+sentinel://" + names(16) + "/m").has_value());
  EXPECT_TRUE(parse_redis_url("redis+cluster://" + names(16)).has_value());
  EXPECT_TRUE(parse_redis_url("redis+sentinel://a/" + std::string(64, 'm')).has_value());
}

TEST(redis_url, has_brackets_around_an_ipv6_address) {
  expect_accepted({
      {"redis://[::1]", over_tcp("::1"), "redis://[::1]:6379"},
      {"redis://[2001:DB8:0:0::1]:1/2", over_tcp("2001:db8::1", 1, 2), "redis://[2001:db8::1]:1/2"},
      {"rediss://[::FFFF:7f00:1]", over_tls("::ffff:127.0.0.1"),
       "rediss://[::ffff:127.0.0.1]:6379"},
  });
}

TEST(redis_url, holds_a_login) {
  const redis_target host = over_tcp("host");
  expect_accepted({
      {"redis://ann:hunter2@host", with_login(host, "ann", "hunter2"),
       "redis://ann:hunter2@host:6379"},
      {"redis://:hunter2@host", with_login(host, "", "hunter2"), "redis://:hunter2@host:6379"},
      {"redis://ann@host", with_login(host, "ann", ""), "redis://ann@host:6379"},
      {"redis://ann:@host", with_login(host, "ann", ""), "redis://ann@host:6379"},
      {"redis://:@host", host, "redis://host:6379"},
      {"redis://@host", host, "redis://host:6379"},
      {"redis://:a:b@host", with_login(host, "", "a:b"), "redis://:a%3Ab@host:6379"},
      {"redis://:hunter2@[::1]", with_login(over_tcp("::1"), "", "hunter2"),
       "redis://:hunter2@[::1]:6379"},
  });
}

TEST(redis_url, has_its_login_decoded_once) {
  const redis_target host = over_tcp("host");
  expect_accepted({
      {"redis://a%3Ab:c%3ad@host", with_login(host, "a:b", "c:d"), "redis://a%3Ab:c%3Ad@host:6379"},
      {"redis://:%40%2F%3F%23%25@host", with_login(host, "", "@/?#%"),
       "redis://:%40%2F%3F%23%25@host:6379"},
      {"redis://:%2541@host", with_login(host, "", "%41"), "redis://:%2541@host:6379"},
      {"redis://:a+b@host", with_login(host, "", "a+b"), "redis://:a+b@host:6379"},
      {"redis://:%0A%C3%B1@host", with_login(host, "", "\n\xc3\xb1"),
       "redis://:%0A%C3%B1@host:6379"},
      {"redis://:%00@host", with_login(host, "", std::string(1, '\0')), "redis://:%00@host:6379"},
      {"redis://:-._~!$&'()*+,;=@host", with_login(host, "", "-._~!$&'()*+,;="),
       "redis://:-._~!$&'()*+,;=@host:6379"},
  });
}

TEST(redis_url, names_a_socket) {
  const redis_target socket = over_socket("/run/redis.sock");
  expect_accepted({
      {"unix:///run/redis.sock", socket, "unix:///run/redis.sock"},
      {"unix:///run/redis.sock?db=3", over_socket("/run/redis.sock", 3),
       "unix:///run/redis.sock?db=3"},
      {"unix:///run/redis.sock?db=0", socket, "unix:///run/redis.sock"},
      {"unix://ann:hunter2@/run/redis.sock", with_login(socket, "ann", "hunter2"),
       "unix://ann:hunter2@/run/redis.sock"},
      {"unix://:hunter2@/run/redis.sock?db=1",
       with_login(over_socket("/run/redis.sock", 1), "", "hunter2"),
       "unix://:hunter2@/run/redis.sock?db=1"},
      {"unix:///a%20b%3F/c@d:e", over_socket("/a b?/c@d:e"), "unix:///a%20b%3F/c%40d%3Ae"},
  });
}

TEST(redis_url, bounds_the_host_and_the_path_of_a_socket) {
  EXPECT_TRUE(parse_redis_url("redis://" + std::string(253, 'a')).has_value());
  EXPECT_TRUE(parse_redis_url("unix:///" + std::string(106, 'a')).has_value());
}

TEST(redis_url, is_printed_without_its_login) {
  const auto printed = [](const std::string& url) {
    return print_configuration(load({{"--redis-url", url}, {}, {}}));
  };
  EXPECT_THAT(printed("redis://ann:hunter2@host/1"),
              HasSubstr("url = \"redis://<redacted>@host:6379/1\"  # flag --redis-url\n"));
  EXPECT_THAT(printed("unix://:hunter2@/run/s"), HasSubstr("url = \"unix://<redacted>@/run/s\""));
  EXPECT_THAT(printed("redis+sentinel://ann:hunter2@a,b/m/1"),
              HasSubstr("url = \"redis+sentinel://<redacted>@a:26379,b:26379/m/1\""));
  EXPECT_THAT(printed("unix:///a@b"), HasSubstr("url = \"unix:///a%40b\""));
}

}  // namespace turnomatic::app
