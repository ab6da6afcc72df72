// Latencies, to three significant digits.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace turnomatic::bench {

/// Counts durations in buckets that are at most a thousandth of their value wide, as an
/// HdrHistogram of three significant digits does: up to 2 µs exactly, then 1024 buckets for each
/// doubling up to 73 minutes; longer ones count as the longest. One thread adds; any may read at
/// the same time, and sees each bucket whole but not all at one instant.
class histogram {
 public:
  void add(std::chrono::nanoseconds value) noexcept {
    std::atomic<std::uint64_t>& bucket = buckets_[index_of(value)];
    bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  /// Adds all of `other`.
  void add(const histogram& other) noexcept;
  /// Takes away `earlier`, a former state of this one.
  void subtract(const histogram& earlier) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept;
  /// The largest value that is equivalent to the one below which `fraction` (0 to 1) of all lie;
  /// zero if there is none. 1 gives the maximum.
  [[nodiscard]] std::chrono::nanoseconds quantile(double fraction) const noexcept;
  [[nodiscard]] std::chrono::nanoseconds mean() const noexcept;

 private:
  static constexpr unsigned exact_bits = 11;  // values below 2^11 have a bucket each
  static constexpr std::size_t half = std::size_t{1} << (exact_bits - 1);
  static constexpr unsigned octaves = 31;
  static constexpr std::size_t bucket_count = (octaves + 2) * half;

  static std::size_t index_of(std::chrono::nanoseconds value) noexcept {
    const auto n = static_cast<std::uint64_t>(value.count() < 0 ? 0 : value.count());
    const unsigned bits = static_cast<unsigned>(std::bit_width(n));
    const unsigned shift = bits > exact_bits ? bits - exact_bits : 0;
    const std::size_t index = shift * half + static_cast<std::size_t>(n >> shift);
    return index < bucket_count ? index : bucket_count - 1;
  }
  static std::chrono::nanoseconds largest_in(std::size_t index) noexcept;

  std::array<std::atomic<std::uint64_t>, bucket_count> buckets_{};
};

}  // namespace turnomatic::bench
