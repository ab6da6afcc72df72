// A new configuration for a running process.
#pragma once

#include "app/config/load.hpp"

#include <boost/system/result.hpp>

#include <functional>
#include <string>
#include <vector>

namespace turnomatic::app {

struct reload_outcome {
  /// To apply: live keys as they are now, the others as the process runs with them. To be
  /// passed as `running` the next time.
  loaded_configuration applied;
  std::vector<std::string> changed;        ///< live keys whose value is another now
  std::vector<std::string> needs_restart;  ///< other keys whose value is another now
};

using reload_result = boost::system::result<reload_outcome, load_failure>;

/// What is wrong with a configuration besides its text.
using further_check = std::function<std::vector<configuration_error>(const loaded_configuration&)>;

/// Loads the sources again and compares with what runs. Whole or not at all: on any error,
/// also of a key that would need a restart or one that `check` finds, nothing is to be applied. A
/// file that has become empty is an error.
/// Thread-safe if `check` is.
[[nodiscard]] reload_result reload(const loaded_configuration& running,
                                   const configuration_sources& sources,
                                   const further_check& check = {});

}  // namespace turnomatic::app
