// All that the command line may say.
#pragma once

#include "commands/commands.hpp"
#include "commands/plan_options.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

namespace turnomatic::bench {

/// Parsing `app` fills the other members, which it refers to: it stays where it was made.
struct declared_commands {
  explicit declared_commands(const std::string& version);

  CLI::App app;
  run_command run_it;
  plan_options options;  ///< of `run`
  check_command check_it;
  std::int64_t clock_error{-1};  ///< of `check`, in nanoseconds; negative: not given
  dump_command dump_it;

  CLI::App* check{nullptr};
  CLI::App* dump{nullptr};
};

}  // namespace turnomatic::bench
