// How a moment is written for people and protocols.
#pragma once

#include <chrono>
#include <string>

namespace turnomatic::net {

/// `Sun, 22 Nov 2026 10:00:00 GMT`: the IMF-fixdate of RFC 9110 section 5.6.7, in English
/// whatever the locale.
[[nodiscard]] std::string imf_fixdate(std::chrono::system_clock::time_point when);

/// `2026-11-22T10:00:00Z`: RFC 3339 in UTC, whole seconds.
[[nodiscard]] std::string rfc3339(std::chrono::system_clock::time_point when);

}  // namespace turnomatic::net
