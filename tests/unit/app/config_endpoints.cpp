#include "app/config/endpoint_overlap.hpp"
#include "app/config/endpoint_text.hpp"
#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;

constexpr std::uint16_t default_port = 7018;

endpoint endpoint_of(std::string_view text) {
  const auto parsed = parse_endpoint(text, default_port);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed ? *parsed : endpoint{};
}

std::string reason_of(std::string_view text) {
  return parse_endpoint(text, default_port).error().reason;
}

std::vector<endpoint> listen_of(const std::vector<std::string>& texts) {
  given flags;
  for (const auto& text : texts) {
    flags.arguments.insert(flags.arguments.end(), {"--listen", text});
  }
  return load(flags).values.listen;
}

std::string errors_of_listen(const std::string& one, const std::string& other) {
  return errors_of({{"--listen", one, "--listen", other}, {}, {}});
}

endpoint unix_endpoint(const std::string& path, std::uint32_t mode = 0660) {
  endpoint made;
  made.unix_path = path;
  made.unix_mode = mode;
  return made;
}

}  // namespace

struct endpoint_form {
  const char* text;
  endpoint value;
  const char* written;
};

TEST(endpoint, is_read_in_every_form_and_written_in_one) {
  const endpoint_form rows[] = {
      {"127.0.0.1:7017", {"127.0.0.1", 7017}, "127.0.0.1:7017"},
      {"0.0.0.0:0", {"0.0.0.0", 0}, "0.0.0.0:0"},
      {"0.0.0.0", {"0.0.0.0", default_port}, "0.0.0.0:7018"},
      {"[::1]:65535", {"::1", 65535}, "[::1]:65535"},
      {"[::1]", {"::1", default_port}, "[::1]:7018"},
      {"::1", {"::1", default_port}, "[::1]:7018"},
      {"2001:db8::1", {"2001:db8::1", default_port}, "[2001:db8::1]:7018"},
      {"[2001:DB8:0:0::1]:80", {"2001:db8::1", 80}, "[2001:db8::1]:80"},
      {"[::ffff:192.0.2.1]:80", {"192.0.2.1", 80}, "192.0.2.1:80"},
      {"localhost:7017", {"localhost", 7017}, "localhost:7017"},
      {"LocalHost", {"localhost", default_port}, "localhost:7018"},
      {"turns-1.example.org:80", {"turns-1.example.org", 80}, "turns-1.example.org:80"},
      {"*:7017", {"*", 7017}, "*:7017"},
      {"*", {"*", default_port}, "*:7018"},
      {":7017", {"*", 7017}, "*:7017"},
      {"7017", {"*", 7017}, "*:7017"},
      {"[::]:7017", {"*", 7017}, "*:7017"},
      {"::", {"*", default_port}, "*:7018"},
      {"unix:/run/a.sock", unix_endpoint("/run/a.sock"), "unix:/run/a.sock"},
      {"unix:/a?mode=660", unix_endpoint("/a"), "unix:/a"},
      {"unix:/a?mode=0777", unix_endpoint("/a", 0777), "unix:/a?mode=0777"},
      {"unix:/a?mode=0", unix_endpoint("/a", 0), "unix:/a?mode=00"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(endpoint_of(row.text), row.value) << row.text;
    EXPECT_EQ(format_endpoint(row.value), row.written);
    EXPECT_EQ(endpoint_of(row.written), row.value) << row.written;
  }
}

TEST(endpoint, has_an_address_or_a_name_for_a_host) {
  for (const auto* text :
       {"127.1:7017", "1.2.3.4.5:1", "256.0.0.1:1", "0x7f.0x1:1", "a.0x1:1", "[127.0.0.1]:1",
        "[]:1", "[fe80::1%eth0]:1", "a b:1", "-a:1", "a.:1", "a/b:1", "tcp:7017:", "a_ä:1"}) {
    EXPECT_FALSE(parse_endpoint(text, default_port).has_value()) << text;
  }
  EXPECT_THAT(reason_of("127.1:7017"), HasSubstr("expected an address"));
  EXPECT_THAT(reason_of(std::string_view{"1.2.3.4\0x:1", 11}), HasSubstr("expected an address"));
  EXPECT_THAT(reason_of(std::string(254, 'a') + ":1"), HasSubstr("expected an address"));
  EXPECT_THAT(reason_of(""), HasSubstr("expected HOST:PORT"));
}

TEST(endpoint, has_brackets_around_an_ipv6_address_where_it_could_be_read_in_two_ways) {
  for (const auto* text : {"::1:7017", "2001:db8::1:80", "[::1:1", "[::1]7017", "[", "a:b:c"}) {
    EXPECT_THAT(reason_of(text), HasSubstr("in brackets")) << text;
  }
}

TEST(endpoint, has_a_port_that_is_a_number) {
  for (const auto* text : {"127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
                           "127.0.0.1: 1", "[::1]:1x", "65536", "localhost:", ":", "[::1]:"}) {
    EXPECT_THAT(reason_of(text), HasSubstr("expected a port from 0 to 65535")) << text;
  }
}

TEST(endpoint, of_a_unix_socket_is_an_absolute_path_and_its_permissions) {
  for (const auto* text : {"unix:", "unix:/", "unix:a", "unix:@a", "unix://a\n", "unix:/\x80"}) {
    EXPECT_THAT(reason_of(text), HasSubstr("expected an absolute path")) << text;
  }
  for (const auto* text : {"unix:/a?", "unix:/a?mode", "unix:/a?mode=", "unix:/a?mode=8",
                           "unix:/a?mode=1000", "unix:/a?mode=-1", "unix:/a?mode=660&x=1"}) {
    EXPECT_THAT(reason_of(text), HasSubstr("its permissions")) << text;
  }
  EXPECT_EQ(endpoint_of("unix:/" + std::string(106, 'a')).unix_path.size(), 107U);
  EXPECT_THAT(reason_of("unix:/" + std::string(107, 'a')), HasSubstr("2 to 107 bytes"));
}

TEST(endpoint, without_a_port_has_that_of_its_key) {
  EXPECT_EQ(listen_of({"0.0.0.0"}), (std::vector<endpoint>{{"0.0.0.0", 7017}}));
  EXPECT_EQ(load({{"--ops-listen", "::1"}, {}, {}}).values.ops_listen, (endpoint{"::1", 7018}));
}

TEST(endpoint, of_all_ipv4_addresses_next_to_all_ipv6_addresses_is_one_of_both) {
  const std::vector<endpoint> both{{"*", 80}};
  EXPECT_EQ(listen_of({"0.0.0.0:80", "[::]:80"}), both);
  EXPECT_EQ(listen_of({"[::]:80", "0.0.0.0:80"}), both);
}

struct endpoint_pair {
  const char* one;
  const char* other;
  bool overlap;
};

TEST(endpoint, overlaps_with_one_that_would_want_its_address) {
  const endpoint_pair rows[] = {
      {"127.0.0.1:1", "127.0.0.1:1", true},
      {"127.0.0.1:1", "127.0.0.1:2", false},
      {"127.0.0.1:0", "127.0.0.1:0", false},
      {"127.0.0.1:1", "127.0.0.2:1", false},
      {"0.0.0.0:1", "127.0.0.1:1", true},
      {"0.0.0.0:1", "[::1]:1", false},
      {"*:1", "[::1]:1", true},
      {"*:1", "127.0.0.1:1", true},
      {"*:1", "*:1", true},
      {"*:1", "a.example:1", true},
      {"*:0", "127.0.0.1:0", false},
      {"localhost:1", "127.0.0.1:1", true},
      {"localhost:1", "[::1]:1", true},
      {"localhost:1", "[::2]:1", false},
      {"localhost:1", "0.0.0.0:1", true},
      {"localhost:1", "*:1", true},
      {"a1.example:1", "127.0.0.1:1", false},
      {"a1.example:1", "A1.example:1", true},
      {"unix:/a", "unix:/a?mode=0600", true},
      {"unix:/a", "unix:/b", false},
      {"unix:/a", "*:1", false},
  };
  for (const auto& row : rows) {
    const endpoint one = endpoint_of(row.one);
    const endpoint other = endpoint_of(row.other);
    EXPECT_EQ(overlap(one, other), row.overlap) << row.one << ' ' << row.other;
    EXPECT_EQ(overlap(other, one), row.overlap) << row.other << ' ' << row.one;
  }
}

TEST(endpoint, may_not_overlap_with_another_of_the_list) {
  EXPECT_EQ(errors_of_listen("0.0.0.0:80", "127.0.0.1:80"),
            "flag --listen: listen = \"127.0.0.1:80\": overlaps with \"0.0.0.0:80\" before it\n");
  EXPECT_THAT(errors_of_listen("localhost:80", "[::1]:80"), HasSubstr("overlaps with"));
  EXPECT_THAT(errors_of_listen("80", "80"), HasSubstr("overlaps with"));
  EXPECT_THAT(errors_of_listen("unix:/a", "unix:/a"), HasSubstr("overlaps with"));
  EXPECT_EQ(errors_of_listen("localhost:80", "unix:/a"), "");
}

TEST(endpoint, of_operations_may_not_overlap_with_one_of_turns) {
  EXPECT_EQ(errors_of({{"--ops-listen", "127.0.0.1:7017"}, {}, {}}),
            "flag --ops-listen: ops_listen = \"127.0.0.1:7017\": overlaps with "
            "listen = \"localhost:7017\" (default)\n");
  EXPECT_EQ(errors_of({{"--listen", "7017", "--listen", "7018"}, {}, {}}),
            "flag --listen: listen = \"*:7018\": overlaps with "
            "ops_listen = \"localhost:7018\" (default)\n");
}

}  // namespace turnomatic::app
