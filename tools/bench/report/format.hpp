// Numbers and times as people read them. Nothing here depends on the locale.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::bench {

/// "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);

/// "1 turn", "1,200 turns".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);

/// With so many digits after the point: "1,234.50". What is not finite is "n/a".
[[nodiscard]] std::string decimal(double number, int digits);

/// Three significant digits, but every digit before the point, and no zeros at the end: "51,235",
/// "8.12", "0.000812", "5".
[[nodiscard]] std::string rounded(double number);

/// For the ticks of an axis: "0", "250", "1.5k", "20M".
[[nodiscard]] std::string abbreviated(double number);

/// Three significant digits in the unit that suits: "812 ns", "1.24 ms", "5 s".
[[nodiscard]] std::string duration_text(std::chrono::nanoseconds length);

/// Milliseconds down to the microsecond: "1,234.567".
[[nodiscard]] std::string milliseconds_text(std::uint64_t nanoseconds);

/// "812 B", "1.24 MB": thousands, not 1024s.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

/// "99.9 %". Never rounds something to nothing or to all: "under 0.01 %", "over 99.99 %".
[[nodiscard]] std::string share_text(std::uint64_t part, std::uint64_t whole);

/// "2026-11-23T10:00:00Z".
[[nodiscard]] std::string utc_text(std::chrono::system_clock::time_point when);

}  // namespace turnomatic::bench
