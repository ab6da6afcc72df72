// From the command line to a command.
#pragma once

#include "commands/commands.hpp"

#include <string>
#include <variant>

namespace turnomatic::bench {

/// Something to print and an exit status: help, the version, or what is wrong with the line.
struct answer_text {
  std::string text;
  int exit_status;
};

using command = std::variant<run_command, check_command, dump_command, answer_text>;

/// Reads the files that options name (ids, headers, a token) but connects to nothing. `version`
/// is the line for --version.
[[nodiscard]] command parse_command_line(int argc, const char* const* argv,
                                         const std::string& version);

}  // namespace turnomatic::bench
