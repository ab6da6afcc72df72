// Which URLs are refused, for which reason, and that none of them is shown with its secret.
#include "app/config/redis_url.hpp"
#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

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
      {"redis+://:hunter2@host", "expected redis://, rediss://, valkey://, valkeys:// or unix://"},
      {"redis+sentinels://:hunter2@host/m", "or one of the first four with +sentinel"},
      {"redis+Sentinel://:hunter2@host/m", "or one of the first four with +sentinel"},
      {"redis+sentinel+tls://:hunter2@host/m", "or one of the first four with +sentinel"},
      {"unix+sentinel://:hunter2@/s", "or one of the first four with +sentinel"},
      {"sentinel://:hunter2@host/m", "or one of the first four with +sentinel"},
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

// "a0,a1,a2".
std::string names(int count) {
  std::string list = "a0";
  for (int i = 1; i < count; ++i)
    list += ",a" + std::to_string(i);
  return list;
}

std::vector<refused_row> refused_sentinels_and_nodes() {
  return {
      {"redis+sentinel://:hunter2@a", "expected the name by which the sentinels know the primary"},
      {"redis+sentinel://:hunter2@a,b/", "expected the name by which the sentinels know"},
      {"redis+sentinel://:hunter2@a,b//0", "expected the name by which the sentinels know"},
      {"redis+sentinel://:hunter2@a?db=0", "expected the name by which the sentinels know"},
      {"redis+sentinel://:hunter2@a/m%20n", "1 to 64 of A-Z a-z 0-9 - . _, behind a slash"},
      {"redis+sentinel://:hunter2@a/m~", "1 to 64 of A-Z a-z 0-9 - . _, behind a slash"},
      {"redis+sentinel://:hunter2@a/" + std::string(65, 'm'), "1 to 64 of A-Z a-z 0-9 - . _"},
      {"redis+sentinel://:hunter2@a/m/x", "expected a database from 0 to 2147483647"},
      {"redis+sentinel://:hunter2@a/m/0/0", "expected a database from 0 to 2147483647"},
      {"redis+sentinel://:hunter2@a/m/1?db=1", "expected no query but ?db=N"},
      {"redis+sentinel://:hunter2@a/m?name=n", "expected no query but ?db=N"},
      {"redis+sentinel://:hunter2@/m", "expected a host"},
      {"redis+sentinel:///m", "expected a host"},
      {"redis+sentinel://:hunter2@a,/m", "expected a host"},
      {"redis+sentinel://:hunter2@,a/m", "expected a host"},
      {"redis+sentinel://:hunter2@a,,b/m", "expected a host"},
      {"redis+sentinel://:hunter2@a b/m", "expected printable ASCII without blanks"},
      {"redis+sentinel://:hunter2@a:0,b/m", "expected a port from 1 to 65535"},
      {"redis+sentinel://:hunter2@a,b:65536/m", "expected a port from 1 to 65535"},
      {"redis+sentinel://:hunter2@a,fe80::1/m", "an IPv6 address in brackets"},
      {"redis+sentinel://:hunter2@a,[::1/m", "expected an IPv6 address between the brackets"},
      {"redis+sentinel://:hunter2@a,b,a/m", "expected each host once"},
      {"redis+sentinel://:hunter2@a,a:26379/m", "expected each host once"},
      {"redis+sentinel://:hunter2@[::1],[0::1]/m", "expected each host once"},
      {"redis+sentinel://:hunter2@" + names(17) + "/m", "expected at most 16 hosts"},
      {"redis+sentinel://:/hunter2@a/m", "such as %40 for @"},
      {"redis+sentinel://user:hunter2/m", "expected a port from 1 to 65535"},
      {"redis+cluster://:hunter2@", "expected a host"},
      {"redis+cluster://:hunter2@a,a", "expected each host once"},
      {"redis+cluster://:hunter2@a,a:6379", "expected each host once"},
      {"redis+cluster://:hunter2@" + names(17), "expected at most 16 hosts"},
      {"redis+cluster://:hunter2@a/1", "expected no database but 0"},
      {"redis+cluster://:hunter2@a?db=1", "expected no database but 0"},
      {"redis+cluster://:hunter2@a/m", "expected a database from 0 to 2147483647"},
      {"redis://:hunter2@a,b", "expected a host"},
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
  for (const auto& some :
       {refused_schemes(), refused_places(), refused_sentinels_and_nodes(),
        refused_databases_and_queries(), refused_logins(), refused_sockets(), refused_bytes()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace

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

// Nobody counts on a cluster yet.
TEST(redis_url, of_a_cluster_is_no_value_of_the_key) {
  EXPECT_EQ(errors_of({{"--redis-url", "redis+cluster://:hunter2@a"}, {}, {}}),
            "flag --redis-url: redis.url = \"<redacted>\": redis+cluster:// is not supported by "
            "this version yet\n");
  EXPECT_EQ(errors_of({{"--redis-url", "redis+sentinel://:hunter2@a/m"}, {}, {}}), "");
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

// Or an instance would go and knock as the user <redacted>.
TEST(redis_url, is_refused_as_it_was_printed_without_its_login) {
  const auto printed = print_configuration(load({{"--redis-url", "redis://:x@host"}, {}, {}}));
  EXPECT_THAT(errors_of(given_file(printed)), HasSubstr("redis.url = \"<redacted>\": expected"));
}

}  // namespace turnomatic::app
