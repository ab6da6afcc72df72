#include "app/config/key_table.hpp"
#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

std::string errors_of_text(const std::string& text) {
  return errors_of(given_file(text));
}

}  // namespace

TEST(configuration_file, holds_sections_dotted_keys_or_inline_tables) {
  for (const auto* text : {"[http]\nidle_timeout = \"9s\"", "http.idle_timeout = \"9s\"",
                           "http = {idle_timeout = \"9s\"}"}) {
    EXPECT_EQ(load(given_file(text)).values.http.idle_timeout, 9s) << text;
  }
}

TEST(configuration_file, may_be_empty) {
  EXPECT_EQ(errors_of_text(""), "");
}

TEST(configuration_file, is_refused_with_the_line_of_a_syntax_error) {
  EXPECT_THAT(errors_of_text("workers = 1\n\nworkers = 2\n"),
              StartsWith("file /test.toml:3: not valid TOML: "));
}

TEST(configuration_file, is_refused_for_an_unknown_key_at_any_depth) {
  EXPECT_EQ(errors_of_text("workers = 1\nworker = 2\n"),
            "file /test.toml:2: unknown key worker; did you mean workers?\n");
  EXPECT_EQ(errors_of_text("[http]\nidle_timeuot = \"5s\"\n"),
            "file /test.toml:2: unknown key http.idle_timeuot; did you mean http.idle_timeout?\n");
  EXPECT_EQ(errors_of_text("[http.tls]\ncertificate = \"a\"\n"),
            "file /test.toml:1: unknown section http.tls\n");
  EXPECT_EQ(errors_of_text("[htpp]\nbacklog = 5\n"),
            "file /test.toml:1: unknown section htpp; did you mean http?\n");
}

TEST(configuration_file, suggests_the_section_of_a_key_that_lacks_it) {
  EXPECT_EQ(errors_of_text("idle_timeout = \"5s\"\n"),
            "file /test.toml:1: unknown key idle_timeout; did you mean http.idle_timeout?\n");
}

TEST(configuration_file, tells_a_quoted_dot_from_a_section) {
  EXPECT_EQ(errors_of_text("\"http.backlog\" = 5\n"),
            "file /test.toml:1: unknown key \"http.backlog\"; did you mean http.backlog?\n");
}

TEST(configuration_file, does_not_take_a_value_for_a_section_nor_a_section_for_a_value) {
  EXPECT_EQ(errors_of_text("http = 5\n"),
            "file /test.toml:1: http is a section; expected [http], found a bare number\n");
  EXPECT_EQ(errors_of_text("[[log]]\nlevel = \"info\"\n"),
            "file /test.toml:1: log is a section; expected [log], found an array\n");
  EXPECT_EQ(errors_of_text("[workers]\nx = 1\n"),
            "file /test.toml:1: workers: expected a whole number from 0 to 1024; found a table\n");
}

struct wrong_type {
  const char* text;
  const char* error;
};

TEST(configuration_file, is_refused_for_a_value_of_another_type) {
  const wrong_type rows[] = {
      {"workers = \"4\"", "expected a whole number from 0 to 1024; found a string"},
      {"workers = 4.0", "expected a whole number from 0 to 1024; found a bare number"},
      {"workers = true", "workers = true: expected a whole number"},
      {"workers = [4]", "workers: expected a whole number from 0 to 1024; found an array"},
      {"backend = 1979-05-27", "found a date or time"},
      {"listen = \"127.0.0.1:1\"",
       "expected an array of strings, each HOST:PORT, HOST, PORT or unix:/PATH; found a string"},
      {"listen = [7017]",
       "listen = 7017: expected an array of strings, each HOST:PORT, HOST, PORT or unix:/PATH"},
      {"request_deadline = 75",
       "request_deadline = 75: expected a string, a duration from 1ms to 1h with its unit, such "
       "as 250ms, 5s, 2m or 1h; found a bare number"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(errors_of_text(row.text), StartsWith("file /test.toml:1: ")) << row.text;
    EXPECT_THAT(errors_of_text(row.text), HasSubstr(row.error)) << row.text;
  }
}

TEST(configuration_file, is_refused_for_a_number_out_of_range) {
  EXPECT_EQ(errors_of_text("workers = -1"),
            "file /test.toml:1: workers = \"-1\": expected a whole number from 0 to 1024\n");
}

TEST(configuration_file, is_refused_for_an_empty_list_of_endpoints) {
  EXPECT_EQ(errors_of_text("listen = []"),
            "file /test.toml:1: listen = \"\": expected at least one endpoint\n");
}

TEST(configuration_file, names_the_line_of_a_wrong_element) {
  EXPECT_THAT(errors_of_text("listen = [\n  \"127.0.0.1:1\",\n  5,\n]\n"),
              StartsWith("file /test.toml:3: listen = 5: "));
}

TEST(configuration_file, that_cannot_be_read_is_an_error_of_whoever_named_it) {
  EXPECT_EQ(errors_of({{"--config", "/missing"}, {}, {}}),
            "flag --config: config = \"/missing\": cannot read the file: "
            "No such file or directory\n");
  EXPECT_EQ(errors_of({{}, {{"TURNOMATIC_CONFIG", ""}}, {}}),
            "environment TURNOMATIC_CONFIG: config = \"\": cannot read the file: "
            "No such file or directory\n");
}

TEST(configuration_file, may_have_32_KiB_and_not_a_byte_more) {
  EXPECT_EQ(errors_of_text(std::string(file_bytes_max, '\n')), "");
  EXPECT_EQ(errors_of_text(std::string(file_bytes_max + 1, '\n')),
            "file /test.toml: more than 32768 bytes\n");
}

TEST(configuration_file, may_be_nested_as_deep_as_its_size_allows) {
  std::string deep = "a";
  while (deep.size() + 4 <= file_bytes_max) {
    deep += ".a";
  }
  EXPECT_EQ(errors_of_text(deep + "=1"), "file /test.toml:1: unknown section a\n");
  EXPECT_THAT(errors_of_text("a = " + std::string(20'000, '[')), HasSubstr("not valid TOML"));
}

TEST(configuration_file, shows_no_url_that_stands_in_the_place_of_a_key) {
  constexpr const char* url = "\"redis://u:hunter2@h\"";
  const std::string as_key = std::string{url} + " = 1\n";
  EXPECT_EQ(errors_of_text(as_key), "file /test.toml:1: unknown key <redacted>\n");
  EXPECT_EQ(errors_of_text("[redis]\n" + as_key),
            "file /test.toml:2: unknown key redis.<redacted>\n");
  EXPECT_EQ(errors_of_text("[" + std::string{url} + "]\na = 1\n"),
            "file /test.toml:1: unknown section <redacted>\n");
  EXPECT_EQ(errors_of_text("\"redis://u:hunter2@host.example\" = 1\n").find("hunter2"),
            std::string::npos);
  EXPECT_EQ(errors_of_text(as_key + as_key), "file /test.toml:2: not valid TOML: <redacted>\n");
}

}  // namespace turnomatic::app
