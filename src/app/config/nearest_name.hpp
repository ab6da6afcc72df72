// What somebody may have meant by a name that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::app {

/// The element of `names` that is the fewest typing errors away from `wrong` (an error: a
/// letter too many, missing, changed, or two swapped), or an empty string when none is near.
/// Thread-safe.
[[nodiscard]] std::string nearest_name(std::string_view wrong,
                                       const std::vector<std::string>& names);

/// "; did you mean NAME?", or an empty string when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view wrong,
                                       const std::vector<std::string>& names);

}  // namespace turnomatic::app
