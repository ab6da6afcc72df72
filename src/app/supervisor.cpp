#include "app/supervisor.hpp"

#include <systemd/sd-daemon.h>

#include <ctime>

namespace turnomatic::app::supervisor {

void notify_ready(const std::string& status) {
  ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
}

void notify_reloading() {
  // A reload is over when READY=1 comes with a later time than this (systemd.service(5)).
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec});
  ::sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec.count())).c_str());
}

void notify_stopping() {
  ::sd_notify(0, "STOPPING=1");
}

void extend_timeout(std::chrono::microseconds patience) {
  ::sd_notify(0, ("EXTEND_TIMEOUT_USEC=" + std::to_string(patience.count())).c_str());
}

void notify_alive() {
  ::sd_notify(0, "WATCHDOG=1");
}

std::optional<std::chrono::microseconds> watchdog_period() {
  std::uint64_t usec = 0;
  if (::sd_watchdog_enabled(0, &usec) <= 0)
    return std::nullopt;
  return std::chrono::microseconds{usec / 2};
}

}  // namespace turnomatic::app::supervisor
