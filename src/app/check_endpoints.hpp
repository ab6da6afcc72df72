// What of listening can be found out without listening.
#pragma once

#include "app/config/configuration_error.hpp"
#include "app/config/load.hpp"

#include <vector>

namespace turnomatic::app {

/// An error for each endpoint on which a start would not listen: its name is unknown, none of its
/// addresses is this machine's, its unix socket has no place to be, or another endpoint's name
/// turns out to be the same address. A port that is in use is no error: it may be that of the
/// instance that this one is to replace. Looks names up.
[[nodiscard]] std::vector<configuration_error> check_endpoints(const loaded_configuration& loaded);

}  // namespace turnomatic::app
