#include "app/config/escape.hpp"
#include "app/config/nearest_name.hpp"
#include "app/config/secrecy.hpp"
#include "config_given.hpp"

#include <gtest/gtest.h>

namespace turnomatic::app {

TEST(configuration_errors, are_all_reported_at_once_source_by_source) {
  const given broken{{"--config", "/a.toml", "--wrokers", "--log-level", "loud", "--workers"},
                     {{"TURNOMATIC_BACKEND", "disk"}, {"TURNOMATIC_COLOR", "red"}},
                     {{"/a.toml", "z = 1\n[memory]\nmax_ids = 0\n[drain]\ndelay = \"2h\"\n[a]\n"}}};
  EXPECT_EQ(errors_of(broken),
            "file /a.toml:1: unknown key z\n"
            "file /a.toml:3: memory.max_ids = \"0\": expected a whole number from 1 to 100000000\n"
            "file /a.toml:5: drain.delay = \"2h\": expected a duration from 0ms to 1h with its "
            "unit, such as 250ms, 5s, 2m or 1h\n"
            "file /a.toml:6: unknown section a\n"
            "environment TURNOMATIC_COLOR: unknown variable TURNOMATIC_COLOR\n"
            "environment TURNOMATIC_BACKEND: backend = \"disk\": expected one of memory, redis\n"
            "flag --workers: expected a value behind --workers\n"
            "flag --wrokers: unknown flag --wrokers; did you mean --workers?\n"
            "flag --log-level: log.level = \"loud\": expected one of trace, debug, info, warn, "
            "error, off\n");
}

TEST(configuration_errors, of_the_command_line_exit_with_64) {
  EXPECT_EQ(exit_code_of({{"--wrokers"}, {}, {}}), 64);
  EXPECT_EQ(exit_code_of({{"--workers", "x"}, {}, {}}), 64);
  EXPECT_EQ(exit_code_of({{"--workers"}, {}, {}}), 64);
  EXPECT_EQ(exit_code_of({{"stray"}, {}, {}}), 64);
}

TEST(configuration_errors, of_anything_else_exit_with_78) {
  EXPECT_EQ(exit_code_of({{}, {{"TURNOMATIC_WORKERS", "x"}}, {}}), 78);
  EXPECT_EQ(exit_code_of({{}, {{"TURNOMATIC_X", "x"}}, {}}), 78);
  EXPECT_EQ(exit_code_of(given_file("x = 1")), 78);
  EXPECT_EQ(exit_code_of(given_file("=")), 78);
  EXPECT_EQ(exit_code_of({{"--config", "/missing"}, {}, {}}), 78);
  EXPECT_EQ(exit_code_of({{"--ops-listen", "127.0.0.1:7017"}, {}, {}}), 78);
}

TEST(configuration_errors, of_both_kinds_exit_with_64) {
  EXPECT_EQ(exit_code_of({{"--wrokers"}, {{"TURNOMATIC_WORKERS", "x"}}, {}}), 64);
}

TEST(configuration_errors, never_carry_a_control_byte) {
  const std::string evil = "\x1b[2J\r\n\x7f\x9b\"\\";
  const given everywhere{
      {"--" + evil, evil, "--log-level", evil, "--config", "/" + evil, "--check-config=" + evil},
      {{"TURNOMATIC_" + evil, evil}, {"TURNOMATIC_LISTEN", evil}},
      {{"/" + evil, "\"\\u001b[2J\\n\" = 1\nbackend = \"\\u001b\"\nworkers = \"\\u009b\\u0007\""}}};
  const auto failure = load_configuration(sources_of(everywhere)).error();
  EXPECT_EQ(failure.errors.size(), 9U);
  for (const auto& error : failure.errors) {
    for (const char c : to_string(error)) {
      EXPECT_TRUE(c >= 0x20 && c < 0x7f) << to_string(error);
    }
  }
}

TEST(configuration_errors, are_escaped_when_the_file_is_no_TOML) {
  for (const auto* text : {"a = \x1b", "\x1b = 1", "a = \"\xff\"", "\x9b"}) {
    for (const char c :
         to_string(load_configuration(sources_of(given_file(text))).error().errors.at(0))) {
      EXPECT_TRUE(c >= 0x20 && c < 0x7f) << text;
    }
  }
}

TEST(escape, shows_bytes_that_do_not_print) {
  EXPECT_EQ(escaped("a\x01\x7f\xc3\xa9 \"\\"), "a\\x01\\x7f\\xc3\\xa9 \"\\");
  EXPECT_EQ(in_quotes("a\n\"\\"), "\"a\\x0a\\\"\\\\\"");
}

TEST(escape, cuts_a_text_of_more_than_200_bytes) {
  EXPECT_EQ(escaped(std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(escaped(std::string(201, 'x')), std::string(200, 'x') + "...");
}

TEST(nearest_name, is_found_for_one_slip_of_each_kind) {
  const std::vector<std::string> names{"workers", "backend", "listen"};
  for (const auto* wrong : {"worker", "workerss", "wokrers", "workars"}) {
    EXPECT_EQ(nearest_name(wrong, names), "workers") << wrong;
  }
}

TEST(nearest_name, is_not_guessed_from_afar) {
  const std::vector<std::string> names{"workers", "backend", "log"};
  for (const auto* wrong : {"", "x", "lx", "kitchen", "wwwwwww"}) {
    EXPECT_EQ(nearest_name(wrong, names), "") << wrong;
  }
  EXPECT_EQ(nearest_name(std::string(100'000, 'w'), names), "");
}

TEST(secrecy, hides_a_secret_whole) {
  EXPECT_EQ(shown(secrecy::secret, "abc"), "<redacted>");
}

TEST(secrecy, hides_the_login_of_a_url_and_nothing_else) {
  const auto url = [](const char* text) { return shown(secrecy::url_with_login, text); };
  EXPECT_EQ(url("redis://user:pass@host:6379/0"), "redis://<redacted>@host:6379/0");
  EXPECT_EQ(url("redis://:p@ss@host"), "redis://<redacted>@host");
  EXPECT_EQ(url("redis://:a/b@host"), "redis://<redacted>@host");
  EXPECT_EQ(url("redis://host:6379"), "redis://host:6379");
  EXPECT_EQ(url("user:pass@host"), "<redacted>");
}

TEST(secrecy, hides_a_url_whole_that_was_refused) {
  EXPECT_EQ(shown_refused(secrecy::url_with_login, "redis://user:pass"), "<redacted>");
  EXPECT_EQ(shown_refused(secrecy::secret, "abc"), "<redacted>");
  EXPECT_EQ(shown_refused(secrecy::open, "user:pass@host"), "user:pass@host");
}

TEST(secrecy, hides_what_looks_like_a_login_wherever_it_stands) {
  EXPECT_EQ(shown_stray("redis://:pass"), "<redacted>");
  EXPECT_EQ(shown_stray("user:pass@host"), "<redacted>");
  EXPECT_EQ(shown_stray("serve"), "serve");
}

}  // namespace turnomatic::app
