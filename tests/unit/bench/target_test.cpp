#include "load/target.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

TEST(target, is_taken_apart) {
  const auto found = parse_target("http://localhost:7017");
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->tls);
  EXPECT_EQ(found->host, "localhost");
  EXPECT_EQ(found->port, "7017");
  EXPECT_EQ(found->host_field, "localhost:7017");
  EXPECT_EQ(found->prefix, "");
}

TEST(target, keeps_a_path_in_front_and_knows_the_usual_ports) {
  const auto found = parse_target("https://[::1]/a/b/");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->tls);
  EXPECT_EQ(found->host, "::1");
  EXPECT_EQ(found->port, "443");
  EXPECT_EQ(found->host_field, "[::1]");
  EXPECT_EQ(found->prefix, "/a/b");
  EXPECT_EQ(parse_target("http://h")->port, "80");
}

TEST(target, may_be_a_host_that_begins_like_an_address) {
  for (const char* host : {"10.0.0.1.nip.io", "1.2.3.4.example.com", "10.0.0.1", "1.2.3"}) {
    const auto found = parse_target(std::string{"http://"} + host + ":7017/a");
    ASSERT_TRUE(found) << host;
    EXPECT_EQ(found->host, host);
    EXPECT_EQ(found->port, "7017");
    EXPECT_EQ(found->prefix, "/a");
  }
}

TEST(target, refuses_what_is_no_base_url) {
  for (const char* url : {"",
                          "localhost:7017",
                          "ftp://h",
                          "http://",
                          "http://u:p@h",
                          "http://h?q",
                          "http://h#f",
                          "http://h/a b",
                          "http://h:port",
                          "http://h:0",
                          "http://h:65536",
                          "http://h:75535",
                          "http://h:99999",
                          "http://h:131071",
                          "http://[::1]:99999",
                          "http://10.0.0.1.nip.io:99999",
                          "http://h:",
                          "http://[::1",
                          "http://[h]",
                          "http://[::1]1",
                          "http://h/%4",
                          "http://h/@",
                          "http://:80"})
    EXPECT_FALSE(parse_target(url)) << url;
}

}  // namespace
}  // namespace turnomatic::bench
