// The bounded queue between those who log and the one thread that writes. Private.
#pragma once

#include "telemetry/log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace turnomatic::log {

/// A line is copied into the queue; the writer thread hands it to the sink. A full queue
/// gives up its oldest line: the newest ones tell what is going on. Thread-safe but for the
/// destructor.
class log_queue {
 public:
  log_queue(std::size_t capacity, line_sink sink);
  /// Waits for the sink without a bound: `drain` first, and let the queue leak if it fails.
  ~log_queue();
  log_queue(const log_queue&) = delete;
  log_queue& operator=(const log_queue&) = delete;

  void post(std::string_view line) noexcept;

  /// Waits until every line posted before this call was handled. False: not within `timeout`.
  [[nodiscard]] bool drain(std::chrono::milliseconds timeout) noexcept;

  /// Lines that were given up or that the sink did not take.
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  /// Lines that have neither been handled nor given up.
  [[nodiscard]] std::uint64_t pending() const noexcept;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace turnomatic::log
