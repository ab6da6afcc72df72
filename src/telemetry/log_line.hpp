// How a log line looks. Private to this layer; pure.
#pragma once

#include "telemetry/log.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace turnomatic::log {

/// What a line says.
struct line {
  std::chrono::system_clock::time_point time;
  log_level level;
  std::string_view message;
  std::span<const field> fields;
};

/// What a line begins with that goes to the journal, which takes it off (sd-daemon(3)).
[[nodiscard]] std::string_view journal_priority(log_level level) noexcept;

/// For a person at a terminal: `TIME LEVEL MESSAGE KEY=VALUE...` and a line feed.
///
/// All but visible ASCII, and quote and backslash, stand as \xNN in message and values; a
/// value that is empty or holds a blank is quoted. So a client can neither begin a line of
/// its own nor end its value early nor talk to the terminal.
[[nodiscard]] std::string render_text(const line& what);

/// For a machine: one JSON object and a line feed. ASCII only; what is not UTF-8 in a text
/// becomes U+FFFD. A key that is already there is not repeated: the first one stands.
[[nodiscard]] std::string render_json(const line& what);

}  // namespace turnomatic::log
