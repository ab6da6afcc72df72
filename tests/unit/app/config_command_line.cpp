#include "app/config/key_table.hpp"
#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;

given flags(std::vector<std::string> arguments) {
  return {std::move(arguments), {}, {}};
}

action wanted_by(std::vector<std::string> arguments) {
  return load(flags(std::move(arguments))).wanted;
}

}  // namespace

TEST(command_line, asks_for_one_action) {
  EXPECT_EQ(wanted_by({}), action::serve);
  EXPECT_EQ(wanted_by({"--check-config"}), action::check_config);
  EXPECT_EQ(wanted_by({"--print-config"}), action::print_config);
  EXPECT_EQ(wanted_by({"--version"}), action::show_version);
  EXPECT_EQ(wanted_by({"--help"}), action::show_help);
  EXPECT_EQ(wanted_by({"-h"}), action::show_help);
  EXPECT_EQ(wanted_by({"--check-config", "--print-config"}), action::print_config);
}

TEST(command_line, helps_whoever_got_it_wrong) {
  EXPECT_EQ(wanted_by({"--wrokers", "4", "--help"}), action::show_help);
  EXPECT_EQ(wanted_by({"--config", "/missing.toml", "--version"}), action::show_version);
}

TEST(command_line, takes_a_value_behind_an_equals_sign_too) {
  EXPECT_EQ(load(flags({"--workers=7"})).values.workers, 7U);
  EXPECT_EQ(load(flags({"--listen=[::1]:80"})).values.listen.front(), (endpoint{"::1", 80}));
}

TEST(command_line, has_a_flag_for_every_key_that_sets_just_that_key) {
  for (const auto& known : key_table()) {
    const auto set = flags({flag_name(known), default_text(known)});
    for (const auto& [name, where] : load(set).origins) {
      EXPECT_EQ(where.from, name == known.name ? source::flag : source::built_in) << known.name;
    }
  }
}

TEST(command_line, refuses_a_flag_that_does_not_exist_and_suggests_the_nearest) {
  EXPECT_EQ(errors_of(flags({"--wrokers=4"})),
            "flag --wrokers: unknown flag --wrokers; did you mean --workers?\n");
  EXPECT_EQ(errors_of(flags({"-z"})), "flag -z: unknown flag -z\n");
}

TEST(command_line, refuses_what_is_not_a_flag) {
  EXPECT_EQ(errors_of(flags({"serve"})), "command line: unexpected argument \"serve\"\n");
}

TEST(command_line, takes_nothing_behind_two_dashes_for_a_flag) {
  EXPECT_EQ(errors_of(flags({"--", "--workers"})),
            "command line: unexpected argument \"--workers\"\n");
  EXPECT_EQ(errors_of(flags({"--"})), "");
}

TEST(command_line, refuses_a_flag_without_its_value) {
  EXPECT_EQ(errors_of(flags({"--workers"})), "flag --workers: expected a value behind --workers\n");
  EXPECT_EQ(errors_of(flags({"--workers", "--http-backlog="})),
            "flag --http-backlog: expected a value behind --http-backlog=\n"
            "flag --workers: expected a value behind --workers\n");
}

TEST(command_line, does_not_take_the_next_argument_for_an_empty_value) {
  EXPECT_EQ(errors_of(flags({"--log-level=", "debug"})),
            "flag --log-level: expected a value behind --log-level=\n"
            "command line: unexpected argument \"debug\"\n");
}

TEST(command_line, refuses_a_value_that_is_given_twice) {
  EXPECT_EQ(errors_of(flags({"--workers", "1", "--workers", "2"})),
            "flag --workers: given 2 times\n");
  EXPECT_EQ(errors_of(flags({"--config", "/a", "--config", "/b"})),
            "flag --config: given 2 times\n");
}

TEST(command_line, refuses_a_value_for_an_action) {
  EXPECT_EQ(errors_of(flags({"--check-config=no"})),
            "flag --check-config: takes no value, but got \"no\"\n");
}

TEST(command_line, reads_a_negative_number_as_a_value) {
  EXPECT_EQ(errors_of(flags({"--workers", "-1"})),
            "flag --workers: workers = \"-1\": expected a whole number from 0 to 1024\n");
}

TEST(command_line, shows_every_key_with_its_range_and_default_in_the_help) {
  const auto help = answer(load(flags({"--help"})), "");
  for (const auto& known : key_table()) {
    EXPECT_THAT(help, HasSubstr("  " + flag_name(known) + " " + known.placeholder));
    EXPECT_THAT(help, HasSubstr(known.meaning));
    EXPECT_THAT(help, HasSubstr("[" + known.range + "; default " + default_text(known)));
  }
  for (const auto* flag : {"--config FILE", "--check-config", "--print-config", "--version"}) {
    EXPECT_THAT(help, HasSubstr(flag));
  }
}

}  // namespace turnomatic::app
