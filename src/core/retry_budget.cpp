#include "core/retry_budget.hpp"

#include <algorithm>
#include <chrono>

namespace turnomatic {
namespace {

constexpr std::uint64_t token = 1'000'000'000;

}  // namespace

retry_budget::retry_budget(const retry_budget_settings& settings, time_point now) noexcept
    : per_deposit_{settings.ratio_percent * (token / 100)},
      per_nanosecond_{settings.minimum_per_second},  // a billionth of a token per ns is one per s
      cap_{settings.cap * token},
      balance_{std::min(settings.minimum_per_second * token, cap_)},
      counted_to_{now} {}

// The order in which deposits and time pay in makes no difference, so this needs no time.
void retry_budget::deposit() noexcept {
  balance_ = std::min(balance_ + per_deposit_, cap_);
}

bool retry_budget::withdraw(time_point now) noexcept {
  balance_ = balance_at(now);
  counted_to_ = std::max(counted_to_, now);
  if (balance_ < token)
    return false;
  balance_ -= token;
  return true;
}

std::uint64_t retry_budget::tokens(time_point now) const noexcept {
  return balance_at(now) / token;
}

std::uint64_t retry_budget::balance_at(time_point now) const noexcept {
  if (now <= counted_to_ || per_nanosecond_ == 0)
    return balance_;
  const std::chrono::nanoseconds passed = now - counted_to_;
  const auto nanoseconds = static_cast<std::uint64_t>(passed.count());
  // Compared before it is multiplied, which after a long time would overflow.
  if (nanoseconds > (cap_ - balance_) / per_nanosecond_)
    return cap_;
  return balance_ + nanoseconds * per_nanosecond_;
}

}  // namespace turnomatic
