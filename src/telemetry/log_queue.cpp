#include "telemetry/log_queue.hpp"

#include <pthread.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <utility>

namespace turnomatic::log {
namespace {

/// Hands each line to our sink as it is and keeps the books.
class counting_sink final : public spdlog::sinks::sink {
 public:
  explicit counting_sink(line_sink target) : target_{std::move(target)} {}

  void log(const spdlog::details::log_msg& message) override {
    bool written = false;
    try {
      written = target_({message.payload.data(), message.payload.size()});
    } catch (...) {
      written = false;  // a line that cannot be written must not end the thread
    }
    const std::lock_guard lock{mutex_};
    ++handled_;
    if (!written)
      ++failed_;
    progress_.notify_all();
  }

  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  /// Waits until `done(handled)` holds; asked again after each line.
  template <class Predicate>
  bool wait_for(std::chrono::milliseconds timeout, Predicate done) {
    std::unique_lock lock{mutex_};
    return progress_.wait_for(lock, timeout, [&] { return done(handled_); });
  }

  [[nodiscard]] std::uint64_t handled() const {
    const std::lock_guard lock{mutex_};
    return handled_;
  }
  [[nodiscard]] std::uint64_t failed() const {
    const std::lock_guard lock{mutex_};
    return failed_;
  }

 private:
  const line_sink target_;
  mutable std::mutex mutex_;
  std::condition_variable progress_;
  std::uint64_t handled_{0};
  std::uint64_t failed_{0};
};

// Signals belong to the threads that wait for them.
void prepare_writer_thread() {
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  ::pthread_setname_np(::pthread_self(), "log");
}

}  // namespace

// A pool of our own rather than spdlog's global one: when it ends is for us to say.
struct log_queue::implementation {
  implementation(std::size_t capacity, line_sink target)
      : sink{std::make_shared<counting_sink>(std::move(target))},
        pool{std::make_shared<spdlog::details::thread_pool>(capacity, 1, prepare_writer_thread)},
        logger{std::make_shared<spdlog::async_logger>(
            "turnomatic", sink, pool, spdlog::async_overflow_policy::overrun_oldest)} {
    logger->set_level(spdlog::level::trace);  // levels are decided before a line is rendered
  }
  // The thread ends before what it uses goes; so the last owner of everything is this thread.
  ~implementation() { pool.reset(); }
  implementation(const implementation&) = delete;
  implementation& operator=(const implementation&) = delete;

  [[nodiscard]] std::uint64_t given_up() const {
    return pool->overrun_counter() + unposted.load(std::memory_order_relaxed);
  }

  std::shared_ptr<counting_sink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
  std::atomic<std::uint64_t> posted{0};
  std::atomic<std::uint64_t> unposted{0};  // spdlog ran out of memory
};

log_queue::log_queue(std::size_t capacity, line_sink sink)
    : implementation_{
          std::make_unique<implementation>(std::max<std::size_t>(capacity, 1), std::move(sink))} {}

log_queue::~log_queue() = default;

void log_queue::post(std::string_view line) noexcept {
  implementation& self = *implementation_;
  self.posted.fetch_add(1, std::memory_order_relaxed);
  try {
    self.logger->log(spdlog::source_loc{}, spdlog::level::info,
                     spdlog::string_view_t{line.data(), line.size()});
  } catch (...) {
    self.unposted.fetch_add(1, std::memory_order_relaxed);
  }
}

bool log_queue::drain(std::chrono::milliseconds timeout) noexcept {
  implementation& self = *implementation_;
  const std::uint64_t goal = self.posted.load(std::memory_order_relaxed);
  try {
    // A line is given up only by a full queue, so another one is still to be handled after
    // it and the condition is looked at again.
    return self.sink->wait_for(
        timeout, [&](std::uint64_t handled) { return handled + self.given_up() >= goal; });
  } catch (...) {
    return false;
  }
}

std::uint64_t log_queue::dropped() const noexcept {
  return implementation_->given_up() + implementation_->sink->failed();
}

std::uint64_t log_queue::pending() const noexcept {
  const std::uint64_t posted = implementation_->posted.load(std::memory_order_relaxed);
  return posted - std::min(posted, implementation_->sink->handled() + implementation_->given_up());
}

}  // namespace turnomatic::log
