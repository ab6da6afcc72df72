// docs/turnomatic-bench.md names every option, and none that does not exist.
#include "commands/command_line.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace turnomatic::bench {
namespace {

std::set<std::string> options_in(const std::string& text) {
  static const std::regex option{R"(--[a-z][a-z-]*)"};
  return {std::sregex_token_iterator{text.begin(), text.end(), option},
          std::sregex_token_iterator{}};
}

std::string help_of(const char* subcommand) {
  const char* const arguments[]{"turnomatic-bench", subcommand, "--help"};
  return std::get<answer_text>(parse_command_line(3, arguments, "1")).text;
}

TEST(command_line_documentation, names_exactly_the_options_that_exist) {
  std::ostringstream document;
  document << std::ifstream{TURNOMATIC_SOURCE_DIR "/docs/turnomatic-bench.md"}.rdbuf();
  std::set<std::string> existing = options_in(help_of("run") + help_of("check") + help_of("dump"));
  existing.insert("--version");
  EXPECT_EQ(options_in(document.str()), existing);
}

}  // namespace
}  // namespace turnomatic::bench
