// The report for a terminal.
#pragma once

#include "report/run_result.hpp"

#include <string>

namespace turnomatic::bench {

/// Plain lines without colours, as a rule of at most 100 columns. What came from outside cannot
/// steer the terminal.
[[nodiscard]] std::string render_text(const run_result& run);
/// The proof alone.
[[nodiscard]] std::string render_text(const proof_result& of);

}  // namespace turnomatic::bench
