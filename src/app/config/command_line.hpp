// The flags.
#pragma once

#include "app/config/load.hpp"
#include "app/config/setting.hpp"

#include <optional>
#include <string>
#include <vector>

namespace turnomatic::app {

struct command_line {
  action wanted{action::serve};  ///< of several: help, version, print, check, in this order
  std::optional<std::string> config_file{};
  gathered said{};
};

/// `arguments` is without the program's name. All that is wrong is in `said.errors`, as usage.
[[nodiscard]] command_line parse_command_line(const std::vector<std::string>& arguments);

/// What --help prints.
[[nodiscard]] std::string help_text();

}  // namespace turnomatic::app
