// What the histories of all ids share: the clocks, the recent past, and where findings go.
#pragma once

#include "proof/clocks.hpp"
#include "proof/finding.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnomatic::bench {

inline constexpr std::size_t violation_kinds = 6;

/// Counts all violations and keeps the first of them. Not thread-safe.
class evidence {
 public:
  struct limits {
    std::size_t findings{10};                  ///< how many are kept in full
    std::size_t recent{std::size_t{1} << 20};  ///< answers remembered to show both of a pair
    std::size_t gaps{1'000'000};               ///< over all ids; more of them end the proof
  };

  /// `clock_of` tells the clock of each connection.
  evidence(const clocks& relation, std::vector<std::uint8_t> clock_of, const limits& bounds);

  [[nodiscard]] const clocks& relation() const noexcept { return relation_; }
  [[nodiscard]] std::size_t clock_of(const observation& what) const noexcept {
    return clock_of_[what.connection];
  }
  [[nodiscard]] moment common_sent(const observation& what) const noexcept {
    return relation_.common(what.sent, clock_of(what));
  }
  [[nodiscard]] moment common_received(const observation& what) const noexcept {
    return relation_.common(what.received, clock_of(what));
  }
  /// Whether `earlier` had certainly been answered when `later` was sent.
  [[nodiscard]] bool answered_before(const observation& earlier,
                                     const observation& later) const noexcept {
    return relation_.certainly_before(earlier.received, clock_of(earlier), later.sent,
                                      clock_of(later));
  }

  void report(const finding& what);
  /// A turn that was handed out before; looks its first holder up among the recent answers.
  void report_duplicate(const observation& second);
  void remember(const observation& answer) noexcept {
    recent_[remembered_++ & (recent_.size() - 1)] = answer;
  }

  /// Room for one more gap, or false; then the proof has ended.
  [[nodiscard]] bool take_gap() noexcept;
  void give_gap_back() noexcept { --gaps_; }
  [[nodiscard]] bool out_of_gaps() const noexcept { return out_of_gaps_; }

  [[nodiscard]] std::uint64_t count(violation kind) const noexcept {
    return counts_[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] const std::vector<finding>& findings() const noexcept { return findings_; }

 private:
  const clocks& relation_;
  std::vector<std::uint8_t> clock_of_;
  limits limits_;
  std::array<std::uint64_t, violation_kinds> counts_{};
  std::vector<finding> findings_;
  std::vector<observation> recent_;  // a ring; its size is a power of two
  std::uint64_t remembered_{0};
  std::size_t gaps_{0};
  bool out_of_gaps_{false};
};

}  // namespace turnomatic::bench
