// The configuration file.
#pragma once

#include "app/config/setting.hpp"

#include <string>
#include <string_view>

namespace turnomatic::app {

/// The values of all keys in `text`; an error for whatever else it holds, in no
/// particular order. A text that is not TOML yields one error, of the key "config". `path` is only
/// named.
[[nodiscard]] gathered read_toml(std::string_view text, const std::string& path);

}  // namespace turnomatic::app
