#include "telemetry/log.hpp"

#include "telemetry/log_descriptor.hpp"
#include "telemetry/log_line.hpp"
#include "telemetry/log_queue.hpp"

#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdlib>
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

constinit log_descriptor standard_error{STDERR_FILENO};
constinit log_descriptor standard_output{STDOUT_FILENO};

/// The one log of the process.
struct state {
  // Held shared while a line is posted, exclusively only while the queue comes or goes: the one who
  // takes the queue away knows that nobody else is using it.
  std::shared_mutex mutex;
  std::unique_ptr<log_queue> queue;
  // Their sinks are stuck, and ending their threads would mean waiting for that.
  std::vector<std::unique_ptr<log_queue>> abandoned;
  std::atomic<std::uint64_t> dropped_before{0};  // outside of the present queue
  std::atomic<log_descriptor*> output{&standard_error};
  std::atomic<log_format> format{log_format::automatic};
  std::atomic<bool> for_journal{false};
};

// Never destroyed: other threads and static destructors may log to the very end.
state& the_state() noexcept {
  alignas(state) static std::byte storage[sizeof(state)];
  static state& instance = *::new (storage) state;
  return instance;
}

bool leads_to_journal(const log_descriptor& to) noexcept {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  return stream != nullptr && is_journal(to.fd(), stream);
}

log_format resolve(log_format format, const log_descriptor& to) noexcept {
  if (format != log_format::automatic)
    return format;
  return ::isatty(to.fd()) == 1 ? log_format::text : log_format::json;
}

std::string render(const state& self, const line& what) {
  std::string text{self.for_journal ? journal_priority(what.level) : ""};
  const bool as_text = resolve(self.format, *self.output) == log_format::text;
  return text += as_text ? render_text(what) : render_json(what);
}

}  // namespace

void initialise(settings with) {
  state& self = the_state();
  log_descriptor& output =
      with.output == log_output::standard_output ? standard_output : standard_error;
  self.for_journal = !with.sink && leads_to_journal(output);
  line_sink sink = with.sink ? std::move(with.sink)
                             : [&output](std::string_view line) { return output.write(line); };
  auto queue = std::make_unique<log_queue>(with.queue_capacity, std::move(sink));
  set_level(with.level);
  self.output = &output;
  self.format = resolve(with.format, output);
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

void complain(std::string_view text, log_level level) noexcept {
  try {
    const std::string_view priority =
        leads_to_journal(standard_error) ? journal_priority(level) : "";
    while (!text.empty()) {
      const std::size_t size = std::min(text.find('\n'), text.size());
      standard_error.write(std::string{priority}.append(text.substr(0, size)) += '\n');
      text.remove_prefix(std::min(size + 1, text.size()));
    }
  } catch (const std::bad_alloc&) {
    // What there is to complain about is lost; the exit status says that there was something.
  }
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
    const std::string text = render(
        self, {std::chrono::system_clock::now(), level, message, {fields.begin(), fields.size()}});
    {
      const std::shared_lock lock{self.mutex};
      if (self.queue)
        return self.queue->post(text);
    }
    if (!self.output.load()->write(text))
      self.dropped_before += 1;
  } catch (...) {
    self.dropped_before += 1;
  }
}

}  // namespace turnomatic::log
