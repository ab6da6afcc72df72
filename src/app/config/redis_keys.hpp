// The keys of section [redis].
#pragma once

#include "app/config/key.hpp"

#include <vector>

namespace turnomatic::app {

/// Appends them in the order of `configuration`.
void add_redis_keys(std::vector<key>& table);

}  // namespace turnomatic::app
