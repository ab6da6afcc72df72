// How often something may happen.
#pragma once

#include <turnomatic/turn.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

namespace turnomatic {

/// What a bucket is filled by and how much it holds.
struct token_rate {
  std::uint32_t per_minute{0};  ///< 0: no limit
  std::uint32_t burst{1};       ///< tokens in a full bucket, at least 1

  [[nodiscard]] bool is_limited() const noexcept { return per_minute > 0; }
  /// Between two tokens. Only of one that is limited.
  [[nodiscard]] duration interval() const noexcept {
    return duration{std::chrono::minutes{1}} / per_minute;
  }
};

/// A token bucket, full at first. It holds nothing but the moment when it will be full again (the
/// virtual scheduling of ITU-T I.371), so it fills without being looked at, fits into an atomic,
/// and the rate may be another each time. Pure: time is an argument.
class token_bucket {
 public:
  /// Takes a token. If there is none, nothing is taken, and this is how long it takes until there
  /// is one.
  [[nodiscard]] std::optional<duration> take(const token_rate& rate, time_point now) noexcept {
    return take(rate.interval(), rate.burst, now);
  }
  /// The same for a rate that is not one of a number a minute.
  [[nodiscard]] std::optional<duration> take(duration interval, std::uint32_t burst,
                                             time_point now) noexcept {
    const time_point full_then = std::max(full_at_, now) + interval;
    const duration missing = full_then - now - interval * burst;
    if (missing > duration::zero())
      return missing;
    full_at_ = full_then;
    return std::nullopt;
  }

  /// A token that was taken at this rate comes back.
  void give_back(const token_rate& rate) noexcept { full_at_ -= rate.interval(); }

  [[nodiscard]] time_point full_at() const noexcept { return full_at_; }

 private:
  time_point full_at_{};
};

/// A token bucket of several threads, without a lock. To be refused costs a load.
class shared_token_bucket {
 public:
  /// As token_bucket::take.
  [[nodiscard]] std::optional<duration> take(duration interval, std::uint32_t burst,
                                             time_point now) noexcept {
    token_bucket seen = bucket_.load(std::memory_order_relaxed);
    token_bucket after = seen;
    do {
      after = seen;
      if (const auto wait = after.take(interval, burst, now))
        return wait;
    } while (!bucket_.compare_exchange_weak(seen, after, std::memory_order_relaxed));
    return std::nullopt;
  }

  /// As token_bucket::give_back.
  void give_back(const token_rate& rate) noexcept {
    token_bucket seen = bucket_.load(std::memory_order_relaxed);
    token_bucket after = seen;
    do {
      after = seen;
      after.give_back(rate);
    } while (!bucket_.compare_exchange_weak(seen, after, std::memory_order_relaxed));
  }

 private:
  static_assert(std::atomic<token_bucket>::is_always_lock_free);
  std::atomic<token_bucket> bucket_{token_bucket{}};
};

}  // namespace turnomatic
