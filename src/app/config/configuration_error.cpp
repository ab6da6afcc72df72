#include "app/config/configuration_error.hpp"

#include <sysexits.h>

#include <algorithm>

namespace turnomatic::app {

std::string to_string(const configuration_error& error) {
  return to_string(error.where) + ": " + error.what;
}

int exit_code(const std::vector<configuration_error>& errors) {
  const bool usage = std::any_of(errors.begin(), errors.end(),
                                 [](const auto& error) { return error.kind == blame::usage; });
  return usage ? EX_USAGE : EX_CONFIG;
}

}  // namespace turnomatic::app
