#include "report/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace turnomatic::bench {

void histogram::add(const histogram& other) noexcept {
  for (std::size_t i = 0; i < bucket_count; ++i)
    buckets_[i].fetch_add(other.buckets_[i].load(std::memory_order_relaxed),
                          std::memory_order_relaxed);
}

void histogram::subtract(const histogram& earlier) noexcept {
  for (std::size_t i = 0; i < bucket_count; ++i)
    buckets_[i].fetch_sub(earlier.buckets_[i].load(std::memory_order_relaxed),
                          std::memory_order_relaxed);
}

std::uint64_t histogram::count() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& bucket : buckets_)
    sum += bucket.load(std::memory_order_relaxed);
  return sum;
}

std::chrono::nanoseconds histogram::largest_in(std::size_t index) noexcept {
  if (index < 2 * half)
    return std::chrono::nanoseconds{index};
  const std::size_t shift = index / half - 1;
  const std::uint64_t leading = index - shift * half;
  return std::chrono::nanoseconds{((leading + 1) << shift) - 1};
}

std::chrono::nanoseconds histogram::quantile(double fraction) const noexcept {
  const std::uint64_t all = count();
  if (all == 0)
    return {};
  const auto rank = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(all)));
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, all);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= wanted)
      return largest_in(i);
  }
  return largest_in(bucket_count - 1);
}

std::chrono::nanoseconds histogram::mean() const noexcept {
  double sum = 0;
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    const std::uint64_t n = buckets_[i].load(std::memory_order_relaxed);
    all += n;
    sum += static_cast<double>(n) * static_cast<double>(largest_in(i).count());
  }
  return std::chrono::nanoseconds{
      all == 0 ? 0 : static_cast<std::int64_t>(sum / static_cast<double>(all))};
}

}  // namespace turnomatic::bench
