// How a moment is written, always in UTC and whatever the locale.
#pragma once

#include <chrono>
#include <string>

namespace turnomatic {

using system_time = std::chrono::system_clock::time_point;

/// `Sun, 22 Nov 2026 10:00:00 GMT`: the IMF-fixdate of RFC 9110 section 5.6.7. Rounds down.
[[nodiscard]] std::string imf_fixdate(system_time when);

/// `2026-11-22T10:00:00Z`: RFC 3339 in whole seconds. Rounds down, so that nothing is from the
/// future.
[[nodiscard]] std::string rfc3339(system_time when);

/// `2026-11-22T10:00:00.123Z`.
[[nodiscard]] std::string rfc3339_milliseconds(system_time when);

}  // namespace turnomatic
