#include "app/supervisor.hpp"

#include "app/owned_descriptor.hpp"
#include "telemetry/log.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <utility>

namespace turnomatic::app {
namespace {

/// What sd_notify(3) does, but for waiting while the manager's queue is full
/// (net.unix.max_dgram_qlen).
class notify_socket {
 public:
  explicit notify_socket(std::string_view name)
      : fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    // '@' begins an abstract name. Other families are for virtual machines (vsock:).
    if (name.size() > sizeof where_.sun_path || (name[0] != '/' && name[0] != '@'))
      return;
    where_.sun_family = AF_UNIX;
    name.copy(where_.sun_path, name.size());
    if (name[0] == '@')
      where_.sun_path[0] = '\0';
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  }

  [[nodiscard]] std::error_code send(std::string_view message) const {
    if (size_ == 0)
      return std::make_error_code(std::errc::address_family_not_supported);
    const ssize_t sent =
        ::sendto(fd_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&where_), size_);
    return sent >= 0 ? std::error_code{} : std::error_code{errno, std::system_category()};
  }

 private:
  const owned_descriptor fd_;
  sockaddr_un where_{};
  socklen_t size_{0};  // 0: not an address that can be sent to
};

supervisor::sender sender_of_environment() {
  const char* const name = std::getenv("NOTIFY_SOCKET");
  if (name == nullptr || *name == '\0')
    return {};
  return [socket = std::make_shared<const notify_socket>(name)](std::string_view message) {
    return socket->send(message);
  };
}

}  // namespace

supervisor::supervisor() : supervisor{sender_of_environment()} {}

void supervisor::notify_ready(const std::string& status) {
  keep("READY=1\nSTATUS=" + status);
}

void supervisor::notify_reloading() {
  // A reload is over when READY=1 comes with a later time than this (systemd.service(5)).
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec});
  keep("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec.count()));
}

void supervisor::notify_stopping() {
  keep("STOPPING=1");
}

void supervisor::extend_timeout(std::chrono::microseconds patience) {
  send("EXTEND_TIMEOUT_USEC=" + std::to_string(patience.count()));
}

void supervisor::notify_alive() {
  send("WATCHDOG=1");
}

void supervisor::keep(std::string message) {
  if (!send_)
    return;
  if (kept_.size() == kept_max)
    kept_.pop_front();
  kept_.push_back(std::move(message));
  repeat();
}

void supervisor::repeat() {
  while (!kept_.empty() && send(kept_.front()))
    kept_.pop_front();
}

bool supervisor::send(std::string_view message) {
  if (!send_)
    return true;
  const std::error_code error = send_(message);
  if (error && !failing_)
    log::warn("the service manager does not take notifications", {{"error", error.message()}});
  failing_ = static_cast<bool>(error);
  return !error;
}

std::optional<std::chrono::microseconds> watchdog_period() {
  std::uint64_t usec = 0;
  if (::sd_watchdog_enabled(0, &usec) <= 0)
    return std::nullopt;
  return std::chrono::microseconds{usec / 2};
}

}  // namespace turnomatic::app
