// What of a connection's turns may still be on its way.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace turnomatic::http {

/// Tells how many turns lie in the last bytes that were written to a connection, which is where
/// those are that its peer has not acknowledged. Exact to the write for the last few of them, and
/// within a write, or before those, as if all answers were of one size. Small: each connection has
/// one.
class sent_turns {
 public:
  /// `bytes` were written, and answers with `turns` turns end in them.
  void add(std::size_t bytes, std::uint32_t turns) noexcept {
    before_.join(last_.back());
    std::copy_backward(last_.begin(), last_.end() - 1, last_.end());
    last_.front() = {static_cast<std::uint32_t>(bytes), turns};
  }

  [[nodiscard]] bool any() const noexcept {
    return before_.turns > 0 ||
           std::any_of(last_.begin(), last_.end(), [](const write& w) { return w.turns > 0; });
  }

  /// Rounded up: an answer of which a byte is missing has not arrived.
  [[nodiscard]] std::uint64_t among_last(std::uint64_t bytes) const noexcept {
    std::uint64_t turns = 0;
    for (const write& each : last_)
      turns += each.among_last(bytes);
    return turns + before_.among_last(bytes);
  }

 private:
  struct write {
    std::uint32_t bytes{0};
    std::uint32_t turns{0};

    /// Beyond what is countable, which no socket buffer holds, only the ratio is kept.
    void join(const write& other) noexcept {
      while (other.bytes > std::numeric_limits<std::uint32_t>::max() - bytes) {
        bytes /= 2;
        turns /= 2;
      }
      bytes += other.bytes;
      turns += other.turns;
    }
    /// Those in the last `count` bytes; takes off what lies in this write.
    [[nodiscard]] std::uint64_t among_last(std::uint64_t& count) const noexcept {
      if (count >= bytes) {
        count -= bytes;
        return turns;
      }
      const std::uint64_t share = count * turns;
      count = 0;
      return share / bytes + (share % bytes > 0 ? 1 : 0);
    }
  };

  std::array<write, 3> last_{};  // the last first
  write before_{};
};

}  // namespace turnomatic::http
