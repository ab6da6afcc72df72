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

TEST(target, refuses_what_is_no_base_url) {
  for (const char* url :
       {"", "localhost:7017", "ftp://h", "http://", "http://u:p@h", "http://h?q", "http://h#f",
        "http://h/a b", "http://h:port", "http://h:0", "http://h:65536"})
    EXPECT_FALSE(parse_target(url)) << url;
}

}  // namespace
}  // namespace turnomatic::bench
