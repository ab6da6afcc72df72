// The service manager (systemd), if there is one.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace turnomatic::app {

/// Tells the service manager about the instance's life (sd_notify(3)), and never waits for it: a
/// manager that does not read must not hold up the thread that hears of signals. Without a manager
/// every call does nothing.
class supervisor {
 public:
  /// Sends one message without waiting; no error: it was taken.
  using sender = std::function<std::error_code(std::string_view message)>;

  /// A start, two reloads and a stop. The READY=1 that comes last makes up for what was dropped.
  static constexpr std::size_t kept_max = 6;

  /// To the socket that NOTIFY_SOCKET names.
  supervisor();
  /// An empty one: there is no manager.
  explicit supervisor(sender send) : send_{std::move(send)} {}

  /// The manager waits for these three. One that was not taken is kept for `repeat`, in order;
  /// of more than `kept_max` the oldest is dropped.
  void notify_ready(const std::string& status);
  void notify_reloading();
  void notify_stopping();
  /// Those of these two that are lost are followed by the next.
  void notify_alive();
  /// While starting or stopping: the manager's own time-out, once it is over, gives way for
  /// `patience` from each call.
  void extend_timeout(std::chrono::microseconds patience);

  /// Sends again what is kept. To be called a few times a second.
  void repeat();

 private:
  void keep(std::string message);
  bool send(std::string_view message);

  sender send_;
  std::deque<std::string> kept_;
  bool failing_{false};
};

/// How often `supervisor::notify_alive` is expected, halved as sd_watchdog_enabled(3) advises;
/// nothing if it is not.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_period();

}  // namespace turnomatic::app
