// Secrets that are kept out of the configuration.
#pragma once

#include <string>
#include <string_view>

namespace turnomatic::app {

/// The first line of a file without its end. `what` is what should be there, for people. Throws
/// std::runtime_error that names the file if it is empty or cannot be read.
[[nodiscard]] std::string read_secret(const std::string& path, std::string_view what);

}  // namespace turnomatic::app
