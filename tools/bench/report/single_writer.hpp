// A number that one thread adds to and others watch.
#pragma once

#include <atomic>
#include <cstdint>

namespace turnomatic::bench {

/// An addition is a plain load and store, no locked instruction; a reader on another thread sees
/// whole values that never go back.
class single_writer {
 public:
  void add(std::uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace turnomatic::bench
