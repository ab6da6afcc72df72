// The report for a browser.
#pragma once

#include "report/run_result.hpp"

#include <string>

namespace turnomatic::bench {

/// One page that needs nothing but itself: no script, no font, no network. It suits a phone, a
/// dark scheme and a screen reader. What came from outside is escaped.
[[nodiscard]] std::string render_html(const run_result& run);

}  // namespace turnomatic::bench
