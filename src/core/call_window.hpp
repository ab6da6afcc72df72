// What became of the calls of the last few seconds.
#pragma once

#include <turnomatic/turn.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace turnomatic {

enum class call_outcome : std::uint8_t {
  success,
  slow,  ///< a success that took too long
  failure
};

struct call_counts {
  std::uint32_t calls{};  ///< all of them: successes, slow ones and failures
  std::uint32_t failures{};
  std::uint32_t slow{};

  /// Shares of all calls in whole percent, rounded down; 0 of no calls.
  [[nodiscard]] unsigned failure_percent() const noexcept;
  [[nodiscard]] unsigned slow_percent() const noexcept;

  friend bool operator==(const call_counts&, const call_counts&) = default;
};

/// Counts calls over a window that slides a tenth of its length at a time: a call is
/// forgotten when it is between nine tenths of the length and the whole length old, and what
/// lies on both sides of a bucket's border is counted together. A window that starts again
/// from nothing at each period would miss that (gobreaker 21). Not thread-safe.
class call_window {
 public:
  static constexpr std::size_t bucket_count = 10;

  /// `length` is at least 10 ns.
  explicit call_window(duration length) noexcept : bucket_length_{length / bucket_count} {}

  /// A time before the latest is taken for the latest.
  void add(call_outcome outcome, time_point now) noexcept;
  void clear() noexcept { buckets_ = {}; }

  [[nodiscard]] call_counts counts(time_point now) const noexcept;

 private:
  struct bucket {
    duration::rep number{};  ///< how many bucket lengths lie before it
    call_counts counts;
  };

  [[nodiscard]] duration::rep number_at(time_point now) const noexcept;

  duration bucket_length_;
  std::array<bucket, bucket_count> buckets_{};
};

}  // namespace turnomatic
