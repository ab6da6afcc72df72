// The TURNOMATIC_* variables.
#pragma once

#include "app/config/setting.hpp"
#include "app/config/sources.hpp"

#include <string_view>

namespace turnomatic::app {

/// Names the file, as --config does; not a key.
inline constexpr std::string_view config_variable = "TURNOMATIC_CONFIG";

/// The values of all variables that are keys; an error for any other TURNOMATIC_* variable.
/// Excepted, and ignored by name, are those that Kubernetes and Docker put into containers for a
/// service or a linked container called turnomatic (or turnomatic-...), such as
/// TURNOMATIC_PORT=tcp://10.0.0.1:7017: they are not the operator's doing, and refusing them would
/// stop the instance for its own service.
[[nodiscard]] gathered read_environment(const environment& variables);

}  // namespace turnomatic::app
