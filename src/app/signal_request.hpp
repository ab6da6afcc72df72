// What each signal means to the process.
#pragma once

#include <cstdint>
#include <string>

namespace turnomatic::app {

/// What a signal asks of the process.
enum class signal_request : std::uint8_t {
  drain,                ///< serve on until the balancers know, then end
  drain_without_delay,  ///< the same, with no balancer to wait for
  reload,               ///< read the configuration again
  note,                 ///< nothing: it is logged and survived
  ignore,               ///< nothing, not even a line
  leave,                ///< not ours: what the kernel or a library does with it stays
};

/// Pure; for any number of signal(7), real-time signals included.
[[nodiscard]] signal_request request_of(int number) noexcept;
/// "SIGTERM"; "signal 40" for one without a name.
[[nodiscard]] std::string name_of_signal(int number);

}  // namespace turnomatic::app
