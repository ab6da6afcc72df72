// Which kinds of refusal a store answers with these days.
#pragma once

#include <turnomatic/store_observer.hpp>
#include <turnomatic/turn.hpp>

#include <array>
#include <chrono>
#include <cstdint>

namespace turnomatic {

/// A kind stands from the first refusal that is seen. It is over when none has been seen for
/// `quiet` and the store has done what it was asked for since, or when none has been seen for
/// `forgotten`: where nobody asks for turns nobody is refused. So a store that refuses now and then
/// does not come and go. Without a clock. Not thread-safe.
class refusal_watch {
 public:
  static constexpr std::chrono::seconds quiet{5};
  static constexpr std::chrono::seconds forgotten{60};

  /// Since the start, over all workers; neither goes back.
  struct totals {
    std::array<std::uint64_t, store_refusal_count> refusals{};
    std::uint64_t successes{0};  ///< packets executed, and connections that came to count
  };

  /// To be called a few times a second: the time of a refusal is that of the look which found it.
  void look(const totals& seen, time_point now) noexcept;

  [[nodiscard]] bool stands(store_refusal kind) const noexcept { return of(kind).stands; }
  /// Of a kind that stands: refusals since it does.
  [[nodiscard]] std::uint64_t times(store_refusal kind) const noexcept {
    return of(kind).total - of(kind).before;
  }

 private:
  struct entry {
    bool stands{false};
    std::uint64_t before{0};  ///< refusals when it began to stand
    std::uint64_t total{0};
    std::uint64_t successes{0};  ///< when the latest was found
    time_point last;
  };

  [[nodiscard]] const entry& of(store_refusal kind) const noexcept {
    return entries_[index_of(kind)];
  }

  std::array<entry, store_refusal_count> entries_{};
};

}  // namespace turnomatic
