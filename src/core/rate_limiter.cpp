#include "core/rate_limiter.hpp"

namespace turnomatic {

std::optional<std::uint64_t> rate_limiter::admit(time_point now) noexcept {
  if (!places_.take(interval_, burst_, now))
    return left_out_.exchange(0, std::memory_order_relaxed);
  last_left_out_.store(now, std::memory_order_relaxed);
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

std::uint64_t rate_limiter::overdue(time_point now) noexcept {
  if (left_out_.load(std::memory_order_relaxed) == 0 ||
      now - last_left_out_.load(std::memory_order_relaxed) < interval_)
    return 0;
  return left_out_.exchange(0, std::memory_order_relaxed);
}

}  // namespace turnomatic
