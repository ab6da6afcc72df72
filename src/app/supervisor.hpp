// The service manager (systemd), if there is one.
#pragma once

#include <chrono>
#include <optional>
#include <string>

/// Tells the service manager about the instance's life (sd_notify(3)). Without one, every
/// call does nothing.
namespace turnomatic::app::supervisor {

void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_alive();
/// While starting or stopping: the manager's own time-out, once it is over, gives way for
/// `patience` from each call.
void extend_timeout(std::chrono::microseconds patience);

/// How often `notify_alive` is expected, halved as sd_watchdog_enabled(3) advises; nothing if
/// it is not.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_period();

}  // namespace turnomatic::app::supervisor
