#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;

constexpr const char* store_changed = R"(
[redis]
url = "rediss://[::1]:1/2"
password_file = "/a \"b\" \\ c"
on_loss = "skip"
prefix = "A-z_9."
store_id = "s-1"
acknowledging_replicas = 16
connect_timeout = "1ms"
stall_timeout = "2ms"
refresh_interval = "11ms"
recovery_grace = "25ms"
reconnect_min = "4ms"
reconnect_max = "5ms"
batch_max = 1
queue_max = 2
queue_max_per_id = 3
marked_ids = 1001
tls_ca_file = "ca.pem"
tls_cert_file = "cert.pem"
tls_key_file = "key.pem"
tls_server_name = "redis.example"
sentinel_user = "watchman"
sentinel_password_file = "/run/secrets/sentinels"
[breaker]
mode = "metrics_only"
window = "101ms"
minimum_calls = 1
failure_percent = 2
slow_call = "3ms"
slow_percent = 4
consecutive_failures = 0
open_min = "6ms"
open_max = "7ms"
probe_deadline = "8ms"
[new_ids]
rate = 1
burst = 2
rate_per_address = 3
burst_per_address = 4
[idempotency]
lifetime = "24h"
[admin]
token_file = "/run/secrets/token"
)";

/// A value for every key that is not its default.
given all_changed() {
  return {{"--config", "/a.toml", "--listen", "0.0.0.0:80", "--listen", "[::1]:81", "--workers",
           "2", "--log-level", "trace", "--log-format", "json", "--log-output", "stdout",
           "--log-access-sample", "7", "--backend", "redis"},
          {{"TURNOMATIC_OPS_LISTEN", "[::1]:0"},
           {"TURNOMATIC_REQUEST_DEADLINE", "1500ms"},
           {"TURNOMATIC_DRAIN_DELAY", "0ms"},
           {"TURNOMATIC_DRAIN_TIMEOUT", "61s"}},
          {{"/a.toml",
            "memory.max_ids = 1\n[http]\nbacklog = 1\nmax_connections = 2\n"
            "max_connections_per_address = 3\nheader_max = 1024\nheader_timeout = \"4ms\"\n"
            "idle_timeout = \"5m\"\nwrite_timeout = \"1h\"\n"
            "cors_origins = [\"https://a.example\", \"http://b:1\"]\n" +
                std::string{store_changed}}}};
}

void expect_same_values(const configuration& one, const configuration& other) {
  for (const auto& known : key_table()) {
    EXPECT_EQ(known.format(one), known.format(other)) << known.name;
  }
}

key password() {
  key made;
  made.name = "redis.password";
  made.visibility = secrecy::secret;
  made.format = [](const configuration&) { return texts{"hunter2"}; };
  return made;
}

}  // namespace

TEST(print_config, loads_again_to_the_same_configuration) {
  const auto original = load(all_changed());
  for (const auto& known : key_table()) {
    EXPECT_NE(known.format(original.values), default_value(known)) << known.name;
  }
  expect_same_values(load(given_file(print_configuration(original))).values, original.values);
}

TEST(print_config, shows_every_key_with_its_origin) {
  const auto printed = print_configuration(load(all_changed()));
  EXPECT_THAT(printed, HasSubstr("listen = [\"0.0.0.0:80\", \"[::1]:81\"]  # flag --listen\n"));
  EXPECT_THAT(printed,
              HasSubstr("ops_listen = \"[::1]:0\"  # environment TURNOMATIC_OPS_LISTEN\n"));
  EXPECT_THAT(printed, HasSubstr("\n[memory]\nmax_ids = 1  # file /a.toml:1\n"));
  EXPECT_THAT(printed, HasSubstr("backend = \"redis\"  # flag --backend\n"));
}

TEST(print_config, does_not_break_out_of_a_comment) {
  auto loaded = load({});
  loaded.origins["workers"] = {source::file, "/a\nworkers = 9 #", 1};
  EXPECT_EQ(load(given_file(print_configuration(loaded))).values.workers, 0U);
}

TEST(print_config, hides_a_secret) {
  EXPECT_EQ(print_configuration(load({}), {password()}),
            "\n[redis]\npassword = \"<redacted>\"  # default\n");
}

TEST(print_config, writes_any_text_as_a_string_of_toml) {
  key odd = password();
  EXPECT_EQ(toml_value(odd, {"x"}), "\"<redacted>\"");
  odd.visibility = secrecy::open;
  EXPECT_EQ(toml_value(odd, {"a\"\\\n\x7f\xc3\xa9"}), "\"a\\\"\\\\\\u000A\\u007F\xc3\xa9\"");
}

TEST(answer, is_one_line_for_a_valid_configuration) {
  EXPECT_EQ(answer(load({{"--check-config"}, {}, {}}), "v"), "configuration ok\n");
}

TEST(answer, is_the_version_when_asked_for) {
  EXPECT_EQ(answer(load({{"--version"}, {}, {}}), "turnomatic 1.2.3"), "turnomatic 1.2.3\n");
}

TEST(answer, is_the_printed_configuration_when_asked_for) {
  const auto loaded = load({{"--print-config"}, {}, {}});
  EXPECT_EQ(answer(loaded, "v"), print_configuration(loaded));
}

TEST(answer, is_nothing_for_a_service) {
  EXPECT_EQ(answer(load({}), "v"), "");
}

}  // namespace turnomatic::app
