// From the sources to one valid configuration.
#pragma once

#include "app/config/configuration_error.hpp"
#include "app/config/origin.hpp"
#include "app/config/sources.hpp"

#include <turnomatic/config.hpp>

#include <boost/system/result.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::app {

/// What the command line asks for.
enum class action { serve, print_config, check_config, show_version, show_help };

/// The file that --config or its variable names.
struct chosen_file {
  std::string path;
  origin named_by;
  bool is_blank{false};  ///< it holds nothing, not even a comment
};

struct loaded_configuration {
  action wanted{action::serve};
  configuration values;  ///< the defaults when `wanted` is show_version or show_help
  /// Of every key, by its dotted name.
  std::map<std::string, origin, std::less<>> origins;
  std::optional<chosen_file> file{};
  /// Variables that look like ours and are Docker's or Kubernetes'; printable, worth a warning.
  std::vector<std::string> ignored_variables{};
};

struct load_failure {
  std::vector<configuration_error> errors;  ///< all there are, at least one
  int exit_code{0};                         ///< 64 or 78
};

using load_result = boost::system::result<loaded_configuration, load_failure>;

/// Flag beats environment beats file beats default, key by key. Every value is checked,
/// also one that is beaten, and so is every name. --help and --version come before all else:
/// they succeed whatever the other arguments are. Reads at most one file; thread-safe.
/// Throws nothing but std::bad_alloc.
[[nodiscard]] load_result load_configuration(const configuration_sources& sources,
                                             occasion when = occasion::start);

}  // namespace turnomatic::app
