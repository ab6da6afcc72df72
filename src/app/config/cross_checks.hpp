// The rules over more than one key.
#pragma once

#include "app/config/configuration_error.hpp"
#include "app/config/load.hpp"

#include <vector>

namespace turnomatic::app {

/// Appends an error, which names both keys, for every two that do not agree. Silent about a key
/// of which `errors` already speaks: the value in its place is not the one that was meant.
void check_across_keys(const loaded_configuration& loaded,
                       std::vector<configuration_error>& errors);

}  // namespace turnomatic::app
