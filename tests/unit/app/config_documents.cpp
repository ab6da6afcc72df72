// What is written about the keys must be what the table says.
#include "app/config/key_table.hpp"
#include "config_given.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace turnomatic::app {

namespace {

using testing::HasSubstr;

std::string document(const std::string& path) {
  const std::ifstream file{TURNOMATIC_SOURCE_DIR "/" + path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string lifetime_of(const key& known) {
  return known.changes == lifetime::live ? "live" : "restart";
}

/// The row of docs/configuration.md.
std::string row_of(const key& known) {
  return "| `" + known.name + "` | `" + flag_name(known) + "` | `" + variable_name(known) +
         "` | `" + toml_value(known, default_value(known)) + "` | " + known.unit + " | " +
         known.range + " | " + lifetime_of(known) + " | " + known.meaning + " |\n";
}

/// The lines of config/turnomatic.toml, all between two empty ones.
std::string entry_of(const key& known) {
  return "\n\n# " + known.meaning + "\n# " + known.unit + ": " + known.range + "; " +
         lifetime_of(known) + "\n" + std::string{leaf_of(known.name)} + " = " +
         toml_value(known, default_value(known)) + "\n\n";
}

}  // namespace

TEST(documents, describe_every_key_in_one_row_of_the_table) {
  const auto text = document("docs/configuration.md");
  for (const auto& known : key_table()) {
    EXPECT_THAT(text, HasSubstr(row_of(known)));
  }
}

TEST(documents, have_no_row_for_a_key_that_does_not_exist) {
  std::istringstream lines{document("docs/configuration.md")};
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line);) {
    // The row of --config names no key.
    if (line.starts_with("| `") && line.find("| `TURNOMATIC_") != std::string::npos) {
      ++rows;
    }
  }
  EXPECT_EQ(rows, key_table().size());
}

TEST(documents, ship_a_file_that_sets_every_key_to_its_default) {
  const auto loaded = load(given_file(document("config/turnomatic.toml")));
  for (const auto& known : key_table()) {
    EXPECT_EQ(loaded.origins.at(known.name).from, source::file) << known.name;
    EXPECT_EQ(known.format(loaded.values), default_value(known)) << known.name;
  }
}

TEST(documents, ship_a_file_that_explains_every_key) {
  const auto text = document("config/turnomatic.toml") + '\n';
  for (const auto& known : key_table()) {
    EXPECT_THAT(text, HasSubstr(entry_of(known)));
  }
}

}  // namespace turnomatic::app
