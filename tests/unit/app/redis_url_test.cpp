#include "app/config/redis_url.hpp"

#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct accepted_row {
  const char* text;
  redis_target target;
  const char* written;  // as it is printed
};

redis_target over_tcp(std::string host, std::uint16_t port = 6379, std::uint32_t database = 0) {
  redis_target made;
  made.host = std::move(host);
  made.port = port;
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

std::string reason_of(std::string_view text) {
  return parse_redis_url(text).error().reason;
}

constexpr const char* secret = "hunter2";

struct refused_row {
  std::string text;  // holds the secret, wherever a login may be meant
  const char* reason;
};

std::vector<refused_row> refused_schemes() {
  return {
      {"hunter2", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
      {"user:hunter2@host", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
      {"http://:hunter2@host", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
      {"REDIS://:hunter2@host", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
      {"redis:/:hunter2@host", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
      {"://:hunter2@host", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
      {"redis+sentinel://:hunter2@a:1,b:2/main", "redis+sentinel:// is not supported by this"},
      {"redis+cluster://:hunter2@a:1,b:2", "redis+cluster:// is not supported by this version"},
      {"", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
      {"unix:/s", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
  };
}

std::vector<refused_row> refused_places() {
  return {
      {"redis://:hunter2@", "expected a host"},
      {"redis://:hunter2@:6379", "expected a host"},
      {"redis://:hunter2@/0", "expected a host"},
      {"redis://:hunter2", "expected a port from 1 to 65535"},
      {"redis://:hunter2@a,b", "expected a host"},
      {"redis://:hunter2@a%41", "expected a host"},
      {"redis://:hunter2@" + std::string(254, 'a'), "expected a host"},
      {"redis://:hunter2@[::1", "expected an IPv6 address between the brackets"},
      {"redis://:hunter2@[", "expected an IPv6 address between the brackets"},
      {"redis://:hunter2@[]", "expected an IPv6 address between the brackets"},
      {"redis://:hunter2@[::1]:", "expected a port from 1 to 65535"},
      {"redis://:hunter2@10.0.0.1,b", "expected a host"},
      {"redis://:hunter2@[127.0.0.1]", "expected an IPv6 address between the brackets"},
      {"redis://:hunter2@[fe80::1%25eth0]", "expected an IPv6 address between the brackets"},
      {"redis://:hunter2@host:", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:0", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:65536", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:75535", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:99999", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:100000", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:131071", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:4294973675", "expected a port from 1 to 65535"},
      {"redis://:hunter2@10.0.0.1:99999", "expected a port from 1 to 65535"},
      {"redis://:hunter2@[::1]:99999", "expected a port from 1 to 65535"},
      {"redis://:hunter2@10.0.0.1.nip.io:99999", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:+1", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:-1", "expected a port from 1 to 65535"},
      {"redis://:hunter2@host:6379x", "expected a port from 1 to 65535"},
      {"redis://:hunter2@[::1]6379", "nothing behind them but :PORT"},
      {"redis://:hunter2@fe80::1", "an IPv6 address in brackets"},
      {"redis://user:hunter2", "expected a port from 1 to 65535"},
      {"redis://user:hunter2:6379", "expected a port from 1 to 65535"},
      {"redis://", "expected a host"},
      {"redis:///0", "expected a host"},
      {"redis://::1", "an IPv6 address in brackets"},
  };
}

std::vector<refused_row> refused_databases_and_queries() {
  return {
      {"redis://:hunter2@host/x", "expected a database from 0 to 2147483647"},
      {"redis://:hunter2@host/-1", "expected a database from 0 to 2147483647"},
      {"redis://:hunter2@host/2147483648", "expected a database from 0 to 2147483647"},
      {"redis://:hunter2@host/4294967296", "expected a database from 0 to 2147483647"},
      {"redis://:hunter2@host/0/", "expected a database from 0 to 2147483647"},
      {"redis://:hunter2@host?db=", "expected a database from 0 to 2147483647"},
      {"redis://:hunter2@host?db=1&db=2", "expected no query but ?db=N"},
      {"unix://:hunter2@/s?db=2147483648", "expected a database from 0 to 2147483647"},
      {"redis://:hunter2@host/1?db=1", "expected no query but ?db=N"},
      {"redis://:hunter2@host?", "expected no query but ?db=N"},
      {"redis://host?password=hunter2", "expected no query but ?db=N"},
      {"unix:///s?password=hunter2", "expected no query but ?db=N"},
  };
}

std::vector<refused_row> refused_logins() {
  return {
      {"redis://:hunter2%@host", "expected two hexadecimal digits"},
      {"redis://:hunter2%4@host", "expected two hexadecimal digits"},
      {"redis://:hunter2%4g@host", "expected two hexadecimal digits"},
      {"redis://%g4:hunter2@host", "expected two hexadecimal digits"},
      {"redis://:@hunter2@host", "such as %40 for @"},
      {"redis://:/hunter2@host", "such as %40 for @"},
      {"redis://:?hunter2@host", "such as %40 for @"},
      {"redis://:[hunter2]@host", "such as %40 for @"},
      {"redis://:<hunter2>@host", "such as %40 for @"},
      {"redis://:\"hunter2\"@host", "such as %40 for @"},
      {"redis://:hunter2\\@host", "such as %40 for @"},
  };
}

std::vector<refused_row> refused_sockets() {
  return {
      {"unix://:hunter2@/a%2", "expected two hexadecimal digits"},
      {"unix://:hunter2@", "expected an absolute path"},
      {"unix://:hunter2@/", "expected an absolute path"},
      {"unix://:hunter2@/a%00b", "expected an absolute path"},
      {"unix://:hunter2@/" + std::string(107, 'a'), "expected an absolute path"},
      {"unix://:hunter2@host/s", "expected nothing but USER:PASSWORD@"},
      {"unix://:hunter2/s", "expected nothing but USER:PASSWORD@"},
      {"unix://:/hunter2@/s", "expected nothing but USER:PASSWORD@"},
      {"unix://", "expected an absolute path"},
  };
}

std::vector<refused_row> refused_bytes() {
  return {
      {"redis://:hunter2@host#", "expected no #"},
      {"redis://host#hunter2", "expected no #"},
      {"redis://:#hunter2@host", "expected no #"},
      {"redis://:hunter2@host ", "expected printable ASCII without blanks"},
      {"redis://:hunter2\t@host", "expected printable ASCII without blanks"},
      {"redis://:hunter2\x7f@host", "expected printable ASCII without blanks"},
      {"redis://:hunter2\xc3\xb1@host", "expected printable ASCII without blanks"},
      {"redis://:hunter2" + std::string(1, '\0') + "@host", "expected printable ASCII"},
      {"redis://:hunter2@host/" + std::string(1024, '0'), "expected at most 1024 bytes"},
  };
}

std::vector<refused_row> all_refused() {
  std::vector<refused_row> all;
  for (const auto& some : {refused_schemes(), refused_places(), refused_databases_and_queries(),
                           refused_logins(), refused_sockets(), refused_bytes()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
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

TEST(redis_url, is_refused_with_its_reason) {
  for (const auto& row : all_refused()) {
    EXPECT_THAT(reason_of(row.text), HasSubstr(row.reason)) << row.text;
    EXPECT_THAT(reason_of(row.text), Not(HasSubstr(secret))) << row.text;
  }
}

TEST(redis_url, may_have_1024_bytes_and_not_one_more_when_it_is_written_out) {
  const auto url = [](std::size_t size, const std::string& end) {
    const std::string start = "redis://:";
    return start + std::string(size - start.size() - end.size(), 'x') + end;
  };
  EXPECT_TRUE(parse_redis_url(url(1024, "@host:6379")).has_value());
  EXPECT_EQ(reason_of(url(1025, "@host:6379")), "expected at most 1024 bytes");
  EXPECT_TRUE(parse_redis_url(url(1019, "@host")).has_value());
  EXPECT_THAT(reason_of(url(1020, "@host")), StartsWith("expected at most 1024 bytes once"));
}

TEST(redis_url, bounds_the_host_and_the_path_of_a_socket) {
  EXPECT_TRUE(parse_redis_url("redis://" + std::string(253, 'a')).has_value());
  EXPECT_TRUE(parse_redis_url("unix:///" + std::string(106, 'a')).has_value());
}

TEST(redis_url, is_shown_in_no_report_once_it_is_refused) {
  for (const auto& row : all_refused()) {
    given everywhere = given_file("redis.url = '" + row.text + "'");
    everywhere.variables = {{"TURNOMATIC_REDIS_URL", row.text}};
    everywhere.arguments.push_back("--redis-url=" + row.text);
    const given sources[] = {
        everywhere,  // a report tells of all of them
        {{"--redis-url", row.text}, {}, {}},
        given_file("redis.url = \"" + row.text),
        given_file("redis.url = " + row.text),
        given_file("redis.url = [\"" + row.text + "\"]"),
    };
    for (const auto& source : sources) {
      EXPECT_THAT(errors_of(source), Not(HasSubstr(secret))) << row.text;
    }
  }
  EXPECT_EQ(errors_of({{"--redis-url", "redis://:hunter2@host:0"}, {}, {}}),
            "flag --redis-url: redis.url = \"<redacted>\": expected a port from 1 to 65535 behind "
            "the colon, and an IPv6 address in brackets\n");
}

TEST(redis_url, is_not_shown_where_its_flag_is_wrong) {
  EXPECT_EQ(errors_of({{"--redis-ulr", "redis://:hunter2@host"}, {}, {}}),
            "flag --redis-ulr: unknown flag --redis-ulr; did you mean --redis-url?\n"
            "command line: unexpected argument \"<redacted>\"\n");
  for (const auto& arguments : {std::vector<std::string>{"redis://:hunter2"},
                                {"ann:hunter2@host"},
                                {"--redis-url:redis://:hunter2@host"},
                                {"--redis-ulr=redis://:hunter2@host"},
                                {"--print-config=redis://:hunter2@host"},
                                {"-u", "redis://:hunter2@host"}}) {
    EXPECT_THAT(errors_of({arguments, {}, {}}), Not(HasSubstr(secret))) << arguments.front();
  }
}

TEST(redis_url, is_printed_without_its_login) {
  const auto printed = [](const std::string& url) {
    return print_configuration(load({{"--redis-url", url}, {}, {}}));
  };
  EXPECT_THAT(printed("redis://ann:hunter2@host/1"),
              HasSubstr("url = \"redis://<redacted>@host:6379/1\"  # flag --redis-url\n"));
  EXPECT_THAT(printed("unix://:hunter2@/run/s"), HasSubstr("url = \"unix://<redacted>@/run/s\""));
  EXPECT_THAT(printed("unix:///a@b"), HasSubstr("url = \"unix:///a%40b\""));
}

// Or an instance would go and knock as the user <redacted>.
TEST(redis_url, is_refused_as_it_was_printed_without_its_login) {
  const auto printed = print_configuration(load({{"--redis-url", "redis://:x@host"}, {}, {}}));
  EXPECT_THAT(errors_of(given_file(printed)), HasSubstr("redis.url = \"<redacted>\": expected"));
}

}  // namespace turnomatic::app
