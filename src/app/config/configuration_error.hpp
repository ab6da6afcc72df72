// One thing that is wrong with the configuration.
#pragma once

#include "app/config/origin.hpp"

#include <string>
#include <vector>

namespace turnomatic::app {

/// Which exit code the error deserves.
enum class blame {
  usage,          ///< the command line is wrong: EX_USAGE, 64
  configuration,  ///< anything else: EX_CONFIG, 78
};

struct configuration_error {
  std::string key;  ///< the key, known or not, as it is written in TOML; escaped nowhere
  origin where;
  std::string what;  ///< a sentence without its full stop; printable ASCII
  blame kind{blame::configuration};
};

/// One line without its end: `flag --workers: workers = "x": expected a whole number ...`.
[[nodiscard]] std::string to_string(const configuration_error& error);

/// Usage when any error is one of usage: the command line is what its author sees first.
[[nodiscard]] int exit_code(const std::vector<configuration_error>& errors);

}  // namespace turnomatic::app
