// Runs for the tests of the reports.
#pragma once

#include "report/run_result.hpp"

namespace turnomatic::bench {

/// Ten seconds without any trouble.
run_result proven_run();

/// Every kind of violation, failures, refusals, and text that tries to break out of its place.
run_result violated_run();

/// Nothing listened.
run_result unanswered_run();

/// Of the `index`-th second.
sample sample_of(int index);

}  // namespace turnomatic::bench
