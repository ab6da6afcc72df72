#include "core/rate_limiter.hpp"

#include <algorithm>

namespace turnomatic {

bool rate_limiter::take_place(time_point now) noexcept {
  const duration::rep moment = now.time_since_epoch().count();
  duration::rep used_until = used_until_.load(std::memory_order_relaxed);
  do {
    if (moment < used_until - ahead_max_)
      return false;
  } while (!used_until_.compare_exchange_weak(used_until, std::max(used_until, moment) + interval_,
                                              std::memory_order_relaxed));
  return true;
}

std::optional<std::uint64_t> rate_limiter::admit(time_point now) noexcept {
  if (take_place(now))
    return left_out_.exchange(0, std::memory_order_relaxed);
  left_out_.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

std::uint64_t rate_limiter::overdue(time_point now) noexcept {
  if (left_out_.load(std::memory_order_relaxed) == 0 || !take_place(now))
    return 0;
  return left_out_.exchange(0, std::memory_order_relaxed);
}

}  // namespace turnomatic
