// How much may be sent again.
#pragma once

#include <turnomatic/turn.hpp>

#include <cstdint>

namespace turnomatic {

struct retry_budget_settings {
  unsigned ratio_percent{20};       ///< of a token, for each call that is sent first
  unsigned minimum_per_second{10};  ///< tokens, so that a quiet service can retry at all
  unsigned cap{100};                ///< tokens
};

/// A budget against retry storms: retries are a share of the first sendings, never a multiple.
/// First sendings and the time that passes pay in, each retry takes a whole token. Over any
/// time that is at most `cap` retries, plus the ratio of the first sendings, plus the
/// minimum. Starts with what one second brings. Exact, to the billionth of a token. Not
/// thread-safe.
class retry_budget {
 public:
  retry_budget(const retry_budget_settings& settings, time_point now) noexcept;

  /// Call it when a call is sent for the first time.
  void deposit() noexcept;
  /// Whether one retry may be sent; if so, it is paid for.
  [[nodiscard]] bool withdraw(time_point now) noexcept;

  /// The whole tokens there are.
  [[nodiscard]] std::uint64_t tokens(time_point now) const noexcept;

 private:
  [[nodiscard]] std::uint64_t balance_at(time_point now) const noexcept;

  // In billionths of a token.
  std::uint64_t per_deposit_;
  std::uint64_t per_nanosecond_;
  std::uint64_t cap_;
  std::uint64_t balance_;
  time_point counted_to_;  ///< up to here `balance_` holds what time has brought
};

}  // namespace turnomatic
