// The flags.
#pragma once

#include "app/config/load.hpp"
#include "app/config/setting.hpp"

#include <optional>
#include <span>
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

/// A flag that asks for something else than serving. It has neither a key nor a variable.
struct action_flag {
  action wanted;
  const char* names;    ///< separated by commas
  const char* name;     ///< the long one
  const char* meaning;  ///< may be of several lines
};

/// In the order of their precedence.
[[nodiscard]] std::span<const action_flag> action_flags();

/// What --help prints.
[[nodiscard]] std::string help_text();

}  // namespace turnomatic::app
