#include "app/named_files.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnomatic::app {
namespace {

using keys = std::vector<std::string>;

const named_files in_force{.admin_token = {"/token", "t"},
                           .redis_password = {"/password", "p"},
                           .sentinel_password = {"/watch", "w"},
                           .tls_ca = {"/ca", "c"},
                           .tls_certificate = {"/certificate", "i"},
                           .tls_key = {"/key", "k"}};

TEST(changed_files, are_none_where_all_hold_the_same) {
  EXPECT_EQ(changed_files(in_force, in_force), keys{});
  EXPECT_EQ(changed_files({}, {}), keys{});
}

TEST(changed_files, are_those_of_redis_that_hold_something_else) {
  named_files later = in_force;
  later.admin_token.content = "other";
  EXPECT_EQ(changed_files(in_force, later), keys{}) << "it is not of Redis";
  later.redis_password.content = "other";
  later.tls_key.content = "other";
  EXPECT_EQ(changed_files(in_force, later), (keys{"redis.password_file", "redis.tls_key_file"}));
  later.sentinel_password.content = "other";
  later.tls_ca.content = "other";
  later.tls_certificate.content = "other";
  EXPECT_EQ(changed_files(in_force, later),
            (keys{"redis.password_file", "redis.sentinel_password_file", "redis.tls_ca_file",
                  "redis.tls_cert_file", "redis.tls_key_file"}));
}

TEST(changed_files, are_not_those_that_the_configuration_names_elsewhere_now) {
  named_files later = in_force;
  later.redis_password = {"/other", "other"};
  later.tls_ca = {};
  EXPECT_EQ(changed_files(in_force, later), keys{});
  EXPECT_EQ(changed_files({}, in_force), keys{});
}

}  // namespace
}  // namespace turnomatic::app
