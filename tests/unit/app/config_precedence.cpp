#include "config_given.hpp"

#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using namespace std::chrono_literals;

given every_source() {
  return {{"--config", "/a.toml", "--workers", "3"},
          {{"TURNOMATIC_WORKERS", "2"}, {"TURNOMATIC_HTTP_BACKLOG", "20"}},
          {{"/a.toml", "workers = 1\nlog.access_sample = 100\n[http]\nbacklog = 10\n"}}};
}

std::string origin_of(const loaded_configuration& loaded, const std::string& key) {
  return to_string(loaded.origins.at(key));
}

}  // namespace

TEST(configuration, of_no_source_is_the_default) {
  const auto loaded = load({});
  EXPECT_EQ(loaded.wanted, action::serve);
  EXPECT_EQ(loaded.values.listen, (std::vector<endpoint>{{"localhost", 7017}}));
  EXPECT_EQ(loaded.values.ops_listen, (endpoint{"localhost", 7018}));
  EXPECT_EQ(loaded.values.http.idle_timeout, 75s);
  EXPECT_EQ(origin_of(loaded, "http.idle_timeout"), "default");
}

TEST(configuration, a_flag_beats_the_environment) {
  const auto loaded = load(every_source());
  EXPECT_EQ(loaded.values.workers, 3U);
  EXPECT_EQ(origin_of(loaded, "workers"), "flag --workers");
}

TEST(configuration, the_environment_beats_the_file) {
  const auto loaded = load(every_source());
  EXPECT_EQ(loaded.values.http.backlog, 20U);
  EXPECT_EQ(origin_of(loaded, "http.backlog"), "environment TURNOMATIC_HTTP_BACKLOG");
}

TEST(configuration, the_file_beats_the_default) {
  const auto loaded = load(every_source());
  EXPECT_EQ(loaded.values.log.access_sample, 100U);
  EXPECT_EQ(origin_of(loaded, "log.access_sample"), "file /a.toml:2");
}

TEST(configuration, a_list_replaces_the_list_of_a_weaker_source) {
  const auto loaded = load({{"--listen", "127.0.0.1:1", "--listen", "[::1]:2"},
                            {{"TURNOMATIC_LISTEN", "127.0.0.1:3,127.0.0.1:4,127.0.0.1:5"}},
                            {}});
  EXPECT_EQ(loaded.values.listen, (std::vector<endpoint>{{"127.0.0.1", 1}, {"::1", 2}}));
}

TEST(configuration, a_bad_value_is_an_error_also_where_a_stronger_source_beats_it) {
  const given overruled{{"--workers", "1"}, {{"TURNOMATIC_WORKERS", "many"}}, {}};
  EXPECT_EQ(errors_of(overruled),
            "environment TURNOMATIC_WORKERS: workers = \"many\": "
            "expected a whole number from 0 to 1024\n");
}

TEST(configuration, the_flag_beats_the_environment_in_naming_the_file) {
  const given both{{"--config", "/a.toml"},
                   {{"TURNOMATIC_CONFIG", "/b.toml"}},
                   {{"/a.toml", "workers = 1"}, {"/b.toml", "workers = 2"}}};
  EXPECT_EQ(load(both).values.workers, 1U);
}

TEST(configuration, the_environment_names_the_file) {
  const given variable{{}, {{"TURNOMATIC_CONFIG", "/b.toml"}}, {{"/b.toml", "workers = 2"}}};
  EXPECT_EQ(load(variable).values.workers, 2U);
}

TEST(configuration, endpoints_are_compared_as_addresses_and_not_as_texts) {
  const given same{{"--listen", "[0:0::1]:7", "--ops-listen", "[::1]:7"}, {}, {}};
  EXPECT_NE(errors_of(same), "");
}

TEST(configuration, port_0_is_another_port_each_time) {
  const given free_ports{
      {"--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"},
      {},
      {}};
  EXPECT_EQ(load(free_ports).values.listen.size(), 2U);
}

TEST(configuration, an_endpoint_that_is_in_error_is_not_compared) {
  // The default of listen, localhost:7017, is not what was meant.
  for (const auto& arguments : {std::vector<std::string>{"--listen", "x:"}, {"--listen"}}) {
    given broken{{"--ops-listen", "127.0.0.1:7017"}, {}, {}};
    broken.arguments.insert(broken.arguments.end(), arguments.begin(), arguments.end());
    EXPECT_NE(errors_of(broken), "");
    EXPECT_EQ(errors_of(broken).find("overlaps"), std::string::npos);
  }
}

TEST(configuration, the_process_is_a_source_of_arguments_variables_and_files) {
  const char* const argv[] = {"turnomatic", "--workers", "2"};
  const auto sources = process_sources(3, argv);
  EXPECT_EQ(sources.arguments, (std::vector<std::string>{"--workers", "2"}));
  EXPECT_TRUE(sources.variables.contains("PATH"));
  const auto read = [&sources](const std::string& path) {
    return sources.read_file(TURNOMATIC_SOURCE_DIR + path, occasion::start);
  };
  EXPECT_TRUE(read("/config/turnomatic.toml").has_value());
  EXPECT_EQ(read("/no such file").error().why, "No such file or directory");
  EXPECT_EQ(read("").error().why, "Is a directory");
}

TEST(configuration, a_process_may_have_no_arguments_at_all) {
  EXPECT_TRUE(process_sources(0, nullptr).arguments.empty());
}

}  // namespace turnomatic::app
