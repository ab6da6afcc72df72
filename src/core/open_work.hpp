// What keeps an instance that drains from ending.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace turnomatic {

/// Counts what is open while other threads go on opening and closing it. Work moves one way only:
/// a worker that listens lets connections in, a connection has takes sent. Each stage is read
/// before the one that it feeds, so what moves on between two readings is counted twice rather
/// than missed. Thread-safe.
class open_work {
 public:
  struct counts {
    std::size_t connections;  ///< and the workers that may let more in
    std::size_t takes;        ///< sent, of unknown outcome

    [[nodiscard]] std::size_t sum() const noexcept { return connections + takes; }
  };

  explicit open_work(std::uint32_t listening_workers) noexcept : listening_{listening_workers} {}

  /// A worker has let in its last connection and counted it.
  void stopped_listening() noexcept { listening_.fetch_sub(1, std::memory_order_release); }

  /// `connections()` and `takes()` read what is open of each. Nothing is left for good if the sum
  /// is 0, provided that a connection is counted before its worker stops listening, and a take
  /// before its connection is no longer counted.
  template <class Connections, class Takes>
  [[nodiscard]] counts count(Connections connections, Takes takes) const {
    const std::size_t listening = listening_.load(std::memory_order_acquire);
    const std::size_t open = connections();
    return {listening + open, takes()};
  }

 private:
  std::atomic<std::uint32_t> listening_;
};

}  // namespace turnomatic
