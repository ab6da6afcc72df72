// What turnomatic-bench can be told to do. Each returns the exit status.
#pragma once

#include "load/run.hpp"
#include "proof/observation.hpp"

#include <optional>
#include <string>
#include <vector>

namespace turnomatic::bench {

inline constexpr int exit_proven = 0;
inline constexpr int exit_could_not = 2;

struct run_command {
  run_order order;  ///< `on_progress` and the targets' addresses are not set yet
  bool json{false};
  std::string html_file;  ///< empty: none
  bool quiet{false};      ///< no progress line, even on a terminal
};

struct check_command {
  std::vector<std::string> files;
  std::optional<moment> clock_error;  ///< how far the clocks of two hosts may disagree
  bool json{false};
};

struct dump_command {
  std::string file;
};

/// Takes the command over: its plan may name ten million ids.
[[nodiscard]] int execute(run_command&& command);
[[nodiscard]] int execute(const check_command& command);
[[nodiscard]] int execute(const dump_command& command);

/// Says on standard error why nothing could be done; returns `exit_could_not`.
int could_not(const std::string& why);

}  // namespace turnomatic::bench
