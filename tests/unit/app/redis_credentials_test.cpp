#include "app/redis_credentials.hpp"

#include "support/certificates.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace turnomatic::app {
namespace {

using support::certificate_authority;
using support::temporary_directory;
using testing::AllOf;
using testing::HasSubstr;

class redis_credentials_of_files : public testing::Test {
 protected:
  redis_credentials_of_files() {
    how_.backend = backend_kind::redis;
    how_.redis.target.tls = true;
    how_.redis.target.password = "of the URL";
    how_.redis.target.topology = redis_topology::sentinel;
    how_.redis.password_file = directory_.write("password", "first\n");
    how_.redis.sentinel.password_file = directory_.write("of_sentinels", "watch\n");
    how_.redis.tls.ca_file = directory_.write("ca.crt", authority_.certificate());
    write(authority_.issue_client("us"));
    how_.redis.tls.cert_file = directory_.file("us.crt");
    how_.redis.tls.key_file = directory_.file("us.key");
  }

  void write(const support::identity& what) {
    (void)support::write_identity(what, directory_, "us");
  }
  [[nodiscard]] named_files read_at_start() const {
    loaded_configuration loaded;
    loaded.values = how_;
    for (const char* const key :
         {"admin.token_file", "redis.password_file", "redis.sentinel_password_file",
          "redis.tls_ca_file", "redis.tls_cert_file", "redis.tls_key_file"})
      loaded.origins[key] = {};
    auto read = read_named_files(loaded, occasion::start);
    EXPECT_TRUE(read.errors.empty());
    return std::move(read.files);
  }

  const temporary_directory directory_;
  certificate_authority authority_;
  configuration how_;
};

TEST_F(redis_credentials_of_files, are_those_of_the_start_while_nothing_changes) {
  redis_credentials tested{how_, read_at_start()};
  const auto first = tested.read();
  EXPECT_EQ(first.password, "first");
  ASSERT_TRUE(first.tls);
  EXPECT_EQ(tested.read().tls, first.tls) << "nothing is taken apart again";
  EXPECT_EQ(tested.trouble(), "");
}

TEST_F(redis_credentials_of_files, follow_the_password) {
  redis_credentials tested{how_, read_at_start()};
  const auto before = tested.read();
  directory_.write("password", "second\n");
  EXPECT_EQ(tested.read().password, "second");
  EXPECT_EQ(before.password, "first") << "a connection keeps what it was made with";
}

TEST_F(redis_credentials_of_files, are_others_for_sentinels_but_for_the_certificates) {
  redis_credentials tested{how_, read_at_start()};
  EXPECT_EQ(tested.of_sentinels().read().password, "watch");
  EXPECT_EQ(tested.of_sentinels().read().tls, tested.read().tls);
  directory_.write("of_sentinels", "ward\n");
  EXPECT_EQ(tested.of_sentinels().read().password, "ward");
  EXPECT_EQ(tested.read().password, "first");
  directory_.write("of_sentinels", "\n");
  EXPECT_EQ(tested.of_sentinels().read().password, "ward");
  EXPECT_THAT(tested.trouble(), HasSubstr("redis.sentinel_password_file"));
}

TEST_F(redis_credentials_of_files, give_sentinels_nothing_that_the_url_has) {
  how_.redis.sentinel.password_file.clear();
  redis_credentials tested{how_, read_at_start()};
  EXPECT_EQ(tested.of_sentinels().read().password, "");
}

TEST_F(redis_credentials_of_files, do_not_look_for_the_password_of_sentinels_without_any) {
  how_.redis.target.topology = redis_topology::single;
  how_.redis.sentinel.password_file = directory_.file("missing");
  redis_credentials tested{how_, read_at_start()};
  EXPECT_EQ(tested.of_sentinels().read().password, "");
  EXPECT_EQ(tested.trouble(), "");
}

TEST_F(redis_credentials_of_files, follow_certificate_and_key_together) {
  redis_credentials tested{how_, read_at_start()};
  const auto before = tested.read().tls;
  const auto renewed = authority_.issue_client("us");
  directory_.write("us.crt", renewed.certificate);
  EXPECT_EQ(tested.read().tls, before) << "its key is missing";
  EXPECT_THAT(tested.trouble(), AllOf(HasSubstr("redis.tls_key_file"), HasSubstr("mismatch")));
  directory_.write("us.key", renewed.key);
  EXPECT_NE(tested.read().tls, before);
  EXPECT_EQ(tested.trouble(), "");
}

TEST_F(redis_credentials_of_files, follow_the_authorities) {
  redis_credentials tested{how_, read_at_start()};
  const auto before = tested.read().tls;
  directory_.write("ca.crt", certificate_authority{"another"}.certificate());
  EXPECT_NE(tested.read().tls, before);
}

TEST_F(redis_credentials_of_files, stay_where_a_file_cannot_be_used) {
  redis_credentials tested{how_, read_at_start()};
  const auto before = tested.read();
  const auto stays = [&](const char* key, const char* why) {
    const auto now = tested.read();
    EXPECT_EQ(now.password, before.password) << why;
    EXPECT_EQ(now.tls, before.tls) << why;
    EXPECT_THAT(tested.trouble(), AllOf(HasSubstr(key), HasSubstr(why)));
  };
  directory_.write("password", "\n");
  stays("redis.password_file", "no password in its first line");
  std::filesystem::remove(directory_.file("password"));
  stays("redis.password_file", "No such file");
  directory_.write("password", "first\n");
  directory_.write("ca.crt", "");
  stays("redis.tls_ca_file", "the file is empty");
  directory_.write("ca.crt", "no PEM");
  stays("redis.tls_ca_file", "cannot use the file");
  directory_.write("ca.crt", authority_.certificate());
  EXPECT_EQ(tested.read().tls, before.tls);
  EXPECT_EQ(tested.trouble(), "") << "mended";
}

TEST_F(redis_credentials_of_files, follow_the_password_where_a_certificate_cannot_be_used) {
  redis_credentials tested{how_, read_at_start()};
  directory_.write("us.crt", "no PEM");
  directory_.write("password", "second\n");
  EXPECT_EQ(tested.read().password, "second");
  EXPECT_THAT(tested.trouble(), HasSubstr("redis.tls_cert_file"));
}

TEST_F(redis_credentials_of_files, are_not_read_again_where_the_start_read_a_pipe) {
  named_files files = read_at_start();
  files.redis_password.once = true;
  redis_credentials tested{how_, files};
  directory_.write("password", "second\n");
  EXPECT_EQ(tested.read().password, "first");
  EXPECT_EQ(tested.trouble(), "");
}

TEST_F(redis_credentials_of_files, are_of_the_url_where_no_file_is_named) {
  how_.redis.password_file.clear();
  how_.redis.target.tls = false;
  redis_credentials tested{how_, read_at_start()};
  EXPECT_EQ(tested.read().password, "of the URL");
  EXPECT_EQ(tested.read().tls, nullptr);
}

}  // namespace
}  // namespace turnomatic::app
