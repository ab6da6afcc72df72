// The requests that prove a violation, drawn as bars over time.
#pragma once

#include "report/violation_view.hpp"

#include <string>
#include <string_view>

namespace turnomatic::bench {

/// An <svg> element: a bar for each request, from when it was sent until it was answered. `key`
/// is unique on the page. Nothing if there is no request with a time to show.
[[nodiscard]] std::string render_timeline(const finding& what, std::string_view key);

}  // namespace turnomatic::bench
