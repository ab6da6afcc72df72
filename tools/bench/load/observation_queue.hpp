// From the threads of the load to the one that proves.
#pragma once

#include "proof/observation.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace turnomatic::bench {

struct observation_block {
  std::size_t stream;
  moment watermark;  ///< whatever the stream brings later was sent then or after
  bool last;         ///< nothing more comes from the stream
  std::vector<observation> what;
};

/// Blocks in the order in which they were put in. Thread-safe. Bounded: a proof that cannot keep
/// up holds the load back instead of filling the memory.
class observation_queue {
 public:
  static constexpr std::size_t blocks_max = 256;

  /// Waits for room. False once the queue is closed: nobody takes the block.
  [[nodiscard]] bool push(observation_block block) {
    std::unique_lock lock{mutex_};
    has_room_.wait(lock, [this] { return closed_ || blocks_.size() < blocks_max; });
    if (closed_)
      return false;
    blocks_.push_back(std::move(block));
    has_blocks_.notify_one();
    return true;
  }

  /// Nobody takes blocks any more: whoever waits for room is let go.
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    has_room_.notify_all();
  }

  /// The next block, or nothing if there is none within `patience`.
  [[nodiscard]] std::optional<observation_block> pop(std::chrono::nanoseconds patience) {
    std::unique_lock lock{mutex_};
    if (!has_blocks_.wait_for(lock, patience, [this] { return !blocks_.empty(); }))
      return {};
    observation_block block = std::move(blocks_.front());
    blocks_.pop_front();
    has_room_.notify_one();
    return block;
  }

 private:
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_blocks_;
  std::deque<observation_block> blocks_;
  bool closed_{false};
};

}  // namespace turnomatic::bench
