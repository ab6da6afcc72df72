// The line on the terminal while a run is going on.
#pragma once

#include "load/run.hpp"

#include <string>

namespace turnomatic::bench {

/// Writes itself over the line before: begins with a carriage return and erases what is left of it.
[[nodiscard]] std::string progress_line(const run_progress& progress);

}  // namespace turnomatic::bench
