#include "app/config/key_table.hpp"
#include "config_given.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace turnomatic::app {

namespace {

given variable(const std::string& name, const std::string& value) {
  return {{}, {{name, value}}, {}};
}

std::vector<endpoint> listen_of(const std::string& value) {
  return load(variable("TURNOMATIC_LISTEN", value)).values.listen;
}

}  // namespace

TEST(environment, has_a_variable_for_every_key_that_sets_just_that_key) {
  for (const auto& known : key_table()) {
    const auto loaded = load(variable(variable_name(known), default_text(known)));
    for (const auto& [name, where] : loaded.origins) {
      EXPECT_EQ(where.from, name == known.name ? source::environment : source::built_in)
          << known.name;
    }
  }
}

TEST(environment, separates_the_items_of_a_list_by_commas) {
  const std::vector<endpoint> two{{"127.0.0.1", 1}, {"::1", 2}};
  EXPECT_EQ(listen_of("127.0.0.1:1,[::1]:2"), two);
  EXPECT_EQ(listen_of(" 127.0.0.1:1 ,\t[::1]:2 "), two);
}

TEST(environment, refuses_an_empty_item_of_a_list) {
  for (const auto* text : {"", ",", "127.0.0.1:1,", ",127.0.0.1:1", "127.0.0.1:1, ,[::1]:2"}) {
    EXPECT_EQ(errors_of(variable("TURNOMATIC_LISTEN", text)),
              "environment TURNOMATIC_LISTEN: listen = \"\": "
              "expected HOST:PORT, PORT or unix:/PATH, such as 127.0.0.1:7017 or [::1]:7017\n")
        << text;
  }
}

TEST(environment, refuses_an_empty_value) {
  EXPECT_EQ(errors_of(variable("TURNOMATIC_WORKERS", "")),
            "environment TURNOMATIC_WORKERS: workers = \"\": "
            "expected a whole number from 0 to 1024\n");
}

TEST(environment, refuses_a_variable_that_does_not_exist_and_suggests_the_nearest) {
  EXPECT_EQ(errors_of(variable("TURNOMATIC_HTTP_IDEL_TIMEOUT", "5s")),
            "environment TURNOMATIC_HTTP_IDEL_TIMEOUT: unknown variable "
            "TURNOMATIC_HTTP_IDEL_TIMEOUT; did you mean TURNOMATIC_HTTP_IDLE_TIMEOUT?\n");
  EXPECT_EQ(errors_of(variable("TURNOMATIC_X", "5s")),
            "environment TURNOMATIC_X: unknown variable TURNOMATIC_X\n");
}

TEST(environment, leaves_the_variables_of_others_alone) {
  EXPECT_EQ(errors_of({{}, {{"TURNOMATICS_WORKERS", "x"}, {"turnomatic_x", "x"}, {"Z", ""}}, {}}),
            "");
}

// Kubernetes sets them for a service of our name, in every container of its namespace, and Docker
// for a linked container.
TEST(environment, ignores_the_links_to_a_service_called_turnomatic_and_says_so) {
  const environment links{
      {"TURNOMATIC_NAME", "/web/turnomatic"},
      {"TURNOMATIC_OPS_NAME", "/web/turnomatic-ops"},
      {"TURNOMATIC_ENV_PATH_OF_IT", "x"},
      {"TURNOMATIC_ENV_TURNOMATIC_WORKERS", "2"},
      {"TURNOMATIC_2_ENV_LOG_LEVEL", "info"},
      {"TURNOMATIC_PORT_7017_TCP_START", "tcp://10.0.0.11:7017"},
      {"TURNOMATIC_PORT_7017_TCP_END", "tcp://10.0.0.11:7018"},
      {"TURNOMATIC_PORT_7017_TCP_PORT_START", "7017"},
      {"TURNOMATIC_PORT_7017_TCP_PORT_END", "7018"},
      {"TURNOMATIC_XYZ_PORT_7017_TCP_ADDR", "10.0.0.11"},
      {"TURNOMATIC_OPS_SERVICE_PORT", "7018"},
      {"TURNOMATIC_SERVICE_HOST", "10.0.0.11"},
      {"TURNOMATIC_SERVICE_PORT", "7017"},
      {"TURNOMATIC_SERVICE_PORT_TURNS", "7017"},
      {"TURNOMATIC_PORT", "tcp://10.0.0.11:7017"},
      {"TURNOMATIC_PORT_7017_TCP", "tcp://10.0.0.11:7017"},
      {"TURNOMATIC_PORT_7017_TCP_PROTO", "tcp"},
      {"TURNOMATIC_PORT_7017_TCP_PORT", "7017"},
      {"TURNOMATIC_PORT_7017_TCP_ADDR", "10.0.0.11"},
      {"TURNOMATIC_OPS_PORT_7018_UDP", "udp://10.0.0.11:7018"},
  };
  const auto loaded = load({{}, links, {}});
  EXPECT_EQ(loaded.ignored_variables.size(), links.size());
  for (const auto& [name, value] : links) {
    EXPECT_NE(warning_of(loaded).find(name), std::string::npos) << name;
  }
  EXPECT_EQ(warning_of(load({})), "");
}

TEST(environment, does_not_take_a_mistake_for_a_link_to_a_service) {
  for (const auto* name :
       {"TURNOMATIC_PORT", "TURNOMATIC_PORT_TCP", "TURNOMATIC_TCP", "TURNOMATIC_7017_TCP",
        "TURNOMATIC_HOST", "TURNOMATIC_NAME", "TURNOMATIC_REDIS_TLS_SERVR_NAME",
        "TURNOMATIC_ENVIRONMENT", "TURNOMATIC_ENV", "TURNOMATIC_PORT_7017_TCP_FIRST"}) {
    EXPECT_NE(errors_of(variable(name, "7017")), "") << name;
  }
}

// A link's value is its container and its alias, and the variable has the alias in capitals.
TEST(environment, does_not_take_the_path_of_a_file_for_the_name_of_a_link) {
  const std::vector<std::pair<const char*, const char*>> mistakes{
      {"TURNOMATIC_REDIS_PASSWORD_FILE_NAME", "/run/secrets/pw"},
      {"TURNOMATIC_REDIS_PASSWORD_FILE_NAME", "/run/pw"},
      {"TURNOMATIC_REDIS_PASSWORD_FILE_NAME", "/turnomatic-redis-password-file"},
      {"TURNOMATIC_CONFIG_NAME", "/etc/turnomatic.toml"},
      {"TURNOMATIC_NAME", "/web/turnomatic/x"},
      {"TURNOMATIC_NAME", "//turnomatic"},
      {"TURNOMATIC_NAME", "web/turnomatic"},
      {"TURNOMATIC_NAME", "/web/"},
      {"TURNOMATIC_NAME", "/"},
      {"TURNOMATIC_NAME", ""},
      {"TURNOMATIC_REDIS_PORT", "redis://10.0.0.1:6379"},
  };
  for (const auto& [name, value] : mistakes) {
    EXPECT_NE(errors_of(variable(name, value)), "") << name << '=' << value;
  }
}

TEST(environment, withholds_the_name_of_a_variable_that_looks_like_a_url) {
  EXPECT_EQ(errors_of(variable("TURNOMATIC_redis://u:hunter2@h", "1")),
            "environment <redacted>: unknown variable <redacted>\n");
}

}  // namespace turnomatic::app
