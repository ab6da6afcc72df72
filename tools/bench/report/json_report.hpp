// The report for machines: docs/bench-report.md describes it key by key.
#pragma once

#include "report/run_result.hpp"

#include <string>

namespace turnomatic::bench {

/// One JSON document with a newline at its end. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string render_json(const run_result& run);
/// The member "proof" of it alone, in the format "turnomatic-bench.proof".
[[nodiscard]] std::string render_json(const proof_result& of);

}  // namespace turnomatic::bench
