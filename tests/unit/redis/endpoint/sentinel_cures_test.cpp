#include "backend/redis/endpoint/sentinel_cures.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace turnomatic::redis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct row {
  const char* reason;  ///< as it really comes
  const char* cure;    ///< what it must name
};

TEST(sentinel_cures, fit_what_really_goes_wrong) {
  const row rows[] = {
      {"it does not know this name", "SENTINEL MONITOR"},
      {"NOAUTH Authentication required.", "set redis.sentinel_password_file"},
      {"WRONGPASS invalid username-password pair or user is disabled.",
       "correct redis.sentinel_user and the password in redis.sentinel_password_file"},
      {"ERR invalid password", "correct the password in redis.sentinel_password_file"},
      {"ERR AUTH <password> called without any password configured for the default user. Are you "
       "sure your configuration is correct?",
       "leave redis.sentinel_password_file empty"},
      {"ERR Client sent AUTH, but no password is set", "leave redis.sentinel_password_file empty"},
      {"ERR wrong number of arguments for 'auth' command", "leave redis.sentinel_user empty"},
      {"NOPERM this user has no permissions to run the 'sentinel|get-master-addr-by-name' command",
       "+sentinel|get-master-addr-by-name"},
      {"DENIED Redis is running in protected mode because protected mode is enabled",
       "protected-mode"},
      {"ERR max number of clients reached", "maxclients"},
      {"ERR unknown command 'SENTINEL', with args beginning with: 'sentinels' 'mymaster' ",
       "26379"},
      {"its answer is not a Sentinel's", "26379"},
      {"TLS handshake with 10.0.0.1:26379: certificate verify failed (SSL routines): "
       "unable to get local issuer certificate",
       "redis.tls_ca_file"},
      {"TLS handshake with 10.0.0.1:26379: no answer in time", "redis+sentinel://"},
      {"look-up of sentinel.example: Host not found (authoritative)", "names' addresses"},
      {"the server closed the connection", "rediss+sentinel://"},
      {"Connection reset by peer", "rediss+sentinel://"},
      {"it has not heard of the latest failover", "reach each other"},
      {"TCP connect to 10.0.0.1:26379: Connection refused", "start the sentinels"},
      {"no answer in time", "silent"},
      {"there was no time left to ask it", "redis.connect_timeout"},
      {"what the server sent is not RESP", "logs"},
      {"LOADING something", "logs"},
  };
  for (const row& each : rows)
    EXPECT_THAT(cures_of(std::vector<std::string>{each.reason}), ElementsAre(HasSubstr(each.cure)))
        << each.reason;
}

TEST(sentinel_cures, are_reached_row_by_row) {
  for (const sentinel_cure& each : sentinel_cures())
    EXPECT_THAT(cures_of(std::vector<std::string>{std::string{each.beginning}}),
                ElementsAre(std::string{each.cure}))
        << each.beginning << " is hidden by a row before it";
}

TEST(sentinel_cures, are_named_once_and_in_the_order_of_the_table) {
  const std::string down = "TCP connect to 10.0.0.1:26379: Connection refused";
  EXPECT_THAT(cures_of(std::vector<std::string>{down, "NOAUTH", down, "it does not know this name",
                                                "NOAUTH"}),
              ElementsAre(HasSubstr("MONITOR"), HasSubstr("password_file"), HasSubstr("start")));
  EXPECT_THAT(cures_of({}), IsEmpty());
}

}  // namespace
}  // namespace turnomatic::redis
