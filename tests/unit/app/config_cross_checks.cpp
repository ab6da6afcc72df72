#include "config_given.hpp"

#include <gtest/gtest.h>

namespace turnomatic::app {

TEST(cross_checks, want_no_minimum_above_its_maximum) {
  EXPECT_EQ(
      errors_of(given_file(
          "[redis]\nreconnect_max = \"1s\"\nrecovery_grace = \"2s\"\nreconnect_min = \"2s\"")),
      "file /test.toml:4: redis.reconnect_min = \"2s\": more than redis.reconnect_max = "
      "\"1s\" (file /test.toml:2)\n");
  EXPECT_EQ(errors_of(given_file("breaker.open_min = \"501ms\"")),
            "file /test.toml:1: breaker.open_min = \"501ms\": more than breaker.open_max = "
            "\"500ms\" (default)\n");
}

// Or instances that notice late that the server has restarted, or reconnect late, would not be
// heard.
TEST(cross_checks, want_the_grace_of_a_recovery_to_exceed_what_an_instance_needs_to_be_heard) {
  EXPECT_EQ(
      errors_of(given_file("[redis]\nrefresh_interval = \"10ms\"\nrecovery_grace = \"399ms\"")),
      "file /test.toml:3: redis.recovery_grace = \"399ms\": less than twice "
      "redis.reconnect_max = \"200ms\" (default)\n");
  EXPECT_EQ(errors_of(given_file("redis.refresh_interval = \"376ms\"")),
            "file /test.toml:1: redis.refresh_interval = \"376ms\": more than half of "
            "redis.recovery_grace = \"750ms\" (default)\n");
  EXPECT_EQ(errors_of(given_file("redis.refresh_interval = \"375ms\"")), "");
}

TEST(cross_checks, blame_the_key_that_was_said_last) {
  EXPECT_EQ(errors_of({{"--redis-reconnect-max", "49ms"}, {}, {}}),
            "flag --redis-reconnect-max: redis.reconnect_max = \"49ms\": less than "
            "redis.reconnect_min = \"50ms\" (default)\n");
  EXPECT_EQ(errors_of(given_file("[breaker]\nopen_min = \"2s\"\nopen_max = \"1s\"")),
            "file /test.toml:3: breaker.open_max = \"1s\": less than breaker.open_min = \"2s\" "
            "(file /test.toml:2)\n");
}

TEST(cross_checks, let_minimum_and_maximum_be_equal) {
  EXPECT_EQ(errors_of(given_file("redis.reconnect_min = \"200ms\"\nbreaker.open_min = \"500ms\"")),
            "");
}

TEST(cross_checks, want_a_certificate_and_its_key_together) {
  EXPECT_EQ(errors_of(given_file("redis.tls_cert_file = \"/c.pem\"")),
            "file /test.toml:1: redis.tls_cert_file = \"/c.pem\": expected together with "
            "redis.tls_key_file = \"\" (default)\n");
  EXPECT_EQ(errors_of(given_file("redis.tls_key_file = \"/k.pem\"\nredis.tls_cert_file = \"\"")),
            "file /test.toml:1: redis.tls_key_file = \"/k.pem\": expected together with "
            "redis.tls_cert_file = \"\" (file /test.toml:2)\n");
  EXPECT_EQ(errors_of(given_file("[redis]\ntls_cert_file = \"c\"\ntls_key_file = \"k\"")), "");
}

// They only matter with rediss://, and may stand in the file before the URL does.
TEST(cross_checks, do_not_mind_files_of_tls_without_tls) {
  EXPECT_EQ(errors_of(given_file("[redis]\nurl = \"redis://host\"\ntls_ca_file = \"/ca.pem\"")),
            "");
}

TEST(cross_checks, are_reported_all_at_once_with_the_other_errors) {
  EXPECT_EQ(errors_of({{"--workers", "x", "--breaker-open-min", "1h"},
                       {{"TURNOMATIC_REDIS_TLS_KEY_FILE", "k"}},
                       {}}),
            "environment TURNOMATIC_REDIS_TLS_KEY_FILE: redis.tls_key_file = \"k\": expected "
            "together with redis.tls_cert_file = \"\" (default)\n"
            "flag --workers: workers = \"x\": expected a whole number from 0 to 1024\n"
            "flag --breaker-open-min: breaker.open_min = \"1h\": more than breaker.open_max = "
            "\"500ms\" (default)\n");
}

TEST(cross_checks, are_silent_about_a_key_that_is_in_error) {
  for (const auto* wrong : {"redis.reconnect_max = 9", "redis.tls_cert_file = \"\\n\"",
                            "redis.reconnect_min = \"2h\""}) {
    const auto errors =
        errors_of({{"--config", "/a", "--redis-reconnect-min", "1m", "--redis-tls-key-file", "k",
                    "--redis-reconnect-max", "2m", "--redis-recovery-grace", "4m"},
                   {},
                   {{"/a", wrong}}});
    EXPECT_EQ(errors.find("more than"), std::string::npos) << errors;
  }
  EXPECT_EQ(errors_of({{"--redis-reconnect-min", "1m", "--redis-reconnect-max", "x"}, {}, {}})
                .find("more than"),
            std::string::npos);
  EXPECT_EQ(
      errors_of({{"--redis-tls-key-file", "k", "--config", "/missing"}, {}, {}}).find("together"),
      std::string::npos);
}

}  // namespace turnomatic::app
