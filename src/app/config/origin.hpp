// Where a value of the configuration came from.
#pragma once

#include <cstdint>
#include <string>

namespace turnomatic::app {

/// In ascending precedence: a later one beats an earlier one.
enum class source { built_in, file, environment, flag };

struct origin {
  source from{source::built_in};
  std::string name{};     ///< path of the file, name of the variable, or flag with its dashes;
                          ///< empty for the command line as a whole
  std::uint32_t line{0};  ///< of the file, counted from 1; 0: the file as a whole

  friend bool operator==(const origin&, const origin&) = default;
};

/// `default`, `file /etc/turnomatic.toml:12`, `environment TURNOMATIC_WORKERS`,
/// `flag --workers` or `command line`; one line of printable ASCII whatever the name holds.
[[nodiscard]] std::string to_string(const origin& where);

}  // namespace turnomatic::app
