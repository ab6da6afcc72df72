// How the HTML report looks.
#pragma once

#include <string_view>

namespace turnomatic::bench {

/// The style sheet of the page, charts included, for light and dark schemes and for print. It
/// loads nothing.
[[nodiscard]] std::string_view page_style() noexcept;

}  // namespace turnomatic::bench
