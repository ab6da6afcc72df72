#include "telemetry/log.hpp"

#include "telemetry/log_line.hpp"
#include "telemetry/log_queue.hpp"

#include <poll.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::log {

constinit std::atomic<log_level> detail::threshold{log_level::info};

namespace {

/// The one log of the process.
struct state {
  // Held shared while a line is posted, exclusively only while the queue comes or goes: the one who
  // takes the queue away knows that nobody else is using it.
  std::shared_mutex mutex;
  std::unique_ptr<log_queue> queue;
  // Their sinks are stuck, and ending their threads would mean waiting for that.
  std::vector<std::unique_ptr<log_queue>> abandoned;
  std::atomic<std::uint64_t> dropped_before{0};  // outside of the present queue
  std::atomic<log_format> format{log_format::automatic};
};

// Never destroyed: other threads and static destructors may log to the very end.
state& the_state() noexcept {
  alignas(state) static std::byte storage[sizeof(state)];
  static state& instance = *::new (storage) state;
  return instance;
}

bool write_to_stderr(std::string_view line) {
  constexpr int patience_ms = 1000;  // with a pipe that is full and set to non-blocking
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written >= 0) {
      line.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR)
      continue;
    if (errno != EAGAIN)
      return false;
    pollfd ready{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, patience_ms) == 0)
      return false;
  }
  return true;
}

log_format resolve(log_format format) noexcept {
  if (format != log_format::automatic)
    return format;
  return ::isatty(STDERR_FILENO) == 1 ? log_format::text : log_format::json;
}

std::string render(log_format format, const line& what) {
  return resolve(format) == log_format::text ? render_text(what) : render_json(what);
}

}  // namespace

void initialise(settings with) {
  state& self = the_state();
  auto queue = std::make_unique<log_queue>(with.queue_capacity,
                                           with.sink ? std::move(with.sink) : write_to_stderr);
  set_level(with.level);
  self.format = resolve(with.format);
  const std::unique_lock lock{self.mutex};
  assert(!self.queue);
  self.queue = std::move(queue);
}

bool flush(std::chrono::milliseconds timeout) noexcept {
  state& self = the_state();
  const std::shared_lock lock{self.mutex};
  return !self.queue || self.queue->drain(timeout);
}

void shutdown(std::chrono::milliseconds timeout) noexcept {
  state& self = the_state();
  std::unique_lock lock{self.mutex};
  std::unique_ptr<log_queue> ended = std::exchange(self.queue, nullptr);
  if (!ended)
    return;
  lock.unlock();  // who has something to say meanwhile writes it directly
  const bool drained = ended->drain(timeout);
  self.dropped_before += ended->dropped() + ended->pending();
  if (drained)
    return;
  lock.lock();
  self.abandoned.push_back(std::move(ended));
}

std::uint64_t dropped() noexcept {
  state& self = the_state();
  const std::shared_lock lock{self.mutex};
  return self.dropped_before + (self.queue ? self.queue->dropped() : 0);
}

void set_level(log_level level) noexcept {
  detail::threshold.store(level, std::memory_order_relaxed);
}

void write(log_level level, std::string_view message,
           std::initializer_list<field> fields) noexcept {
  if (!enabled(level))
    return;
  state& self = the_state();
  try {
    const std::string text =
        render(self.format,
               {std::chrono::system_clock::now(), level, message, {fields.begin(), fields.size()}});
    {
      const std::shared_lock lock{self.mutex};
      if (self.queue)
        return self.queue->post(text);
    }
    if (!write_to_stderr(text))
      self.dropped_before += 1;
  } catch (...) {
    self.dropped_before += 1;
  }
}

}  // namespace turnomatic::log
