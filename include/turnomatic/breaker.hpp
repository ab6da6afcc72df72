// What a circuit breaker can be set to, what it can be, and why it changes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnomatic {

// These become metric labels and words of the log: closed sets, each with a label table of its
// own size, as in <turnomatic/observer.hpp>.

/// What the operator lets a breaker do.
enum class breaker_mode : std::uint8_t {
  automatic,    ///< it decides
  forced_open,  ///< allows nothing and does not probe
  disabled,     ///< allows everything and counts nothing
  metrics_only  ///< allows everything and decides in secret: settings can be tried out
};
inline constexpr std::size_t breaker_mode_count = 4;
inline constexpr std::array<std::string_view, breaker_mode_count> breaker_mode_labels{
    "automatic", "forced_open", "disabled", "metrics_only"};

/// What a breaker shows. The first three are those between which it decides.
enum class breaker_state : std::uint8_t {
  closed,     ///< calls are allowed and counted
  open,       ///< nothing is allowed
  half_open,  ///< one probe is under way, nothing else is allowed
  forced_open,
  disabled,
  metrics_only
};
inline constexpr std::size_t breaker_state_count = 6;
inline constexpr std::array<std::string_view, breaker_state_count> breaker_state_labels{
    "closed", "open", "half_open", "forced_open", "disabled", "metrics_only"};

enum class breaker_reason : std::uint8_t {
  failure_rate,          ///< opened: too large a share of the window failed
  slow_rate,             ///< opened: too large a share of the window was slow
  consecutive_failures,  ///< opened: too many failures in a row
  probe_failed,          ///< opened again: the probe failed or reached its deadline
  forced,                ///< the operator set another mode
  open_time_over,        ///< half open
  probe_succeeded        ///< closed
};
inline constexpr std::size_t breaker_reason_count = 7;
inline constexpr std::array<std::string_view, breaker_reason_count> breaker_reason_labels{
    "failure_rate", "slow_rate",      "consecutive_failures", "probe_failed",
    "forced",       "open_time_over", "probe_succeeded"};

}  // namespace turnomatic
