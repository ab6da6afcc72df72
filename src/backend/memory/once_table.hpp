// What was taken under a key, for as long as a repeat gets the same.
#pragma once

#include <turnomatic/counter_backend.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace turnomatic::memory {

/// Holds at most `capacity` keys, each for the lifetime that was in force when it came. When it is
/// full further keys are refused, since forgetting one early would break what was promised for it.
/// The room is divided into shards by the hash of the key: the first of them is full when about
/// 99 of 100 keys are there. Thread-safe.
class once_table {
 public:
  /// `capacity` is a multiple of `shard_count`; `seed` goes into the hash, as that of
  /// counter_table.
  once_table(std::size_t capacity, std::uint64_t seed, duration lifetime);
  ~once_table();
  once_table(const once_table&) = delete;
  once_table& operator=(const once_table&) = delete;

  void set_lifetime(duration lifetime) noexcept { lifetime_.store(lifetime); }

  /// What was taken of `id` under `key`, or what `take` returns, remembered if that is a range.
  /// `overloaded` if there is no room for another key.
  template <class Take>
  take_operation::result_type take(std::string_view id, std::string_view key, time_point now,
                                   Take take) {
    const locked_shard at = lock(id, key, now);
    if (const turn_range* const known = at.find(now))
      return turn_range{known->first, known->count, true};
    if (!at.has_room())
      return errc::overloaded;
    const take_operation::result_type outcome = take();
    if (outcome)
      at.remember(*outcome, now + lifetime_.load());
    return outcome;
  }

  /// Gives back what keys held whose lifetime has ended. Takes do that as well, a little at a
  /// time; this is for when there are none. Nobody waits for it longer than for a take.
  void sweep(time_point now);

  /// Keys that are held, those included that have ended and are not given back yet.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// Whether there are keys that would be refused.
  [[nodiscard]] bool refuses_some() const;

  static constexpr std::size_t shard_count = 16;

 private:
  struct shard;

  /// Nobody else takes under a key of this shard meanwhile.
  class locked_shard {
   public:
    locked_shard(shard& which, std::string_view id, std::string_view key, time_point now);
    ~locked_shard();
    locked_shard(const locked_shard&) = delete;
    locked_shard& operator=(const locked_shard&) = delete;

    [[nodiscard]] const turn_range* find(time_point now) const;
    [[nodiscard]] bool has_room() const noexcept;
    void remember(turn_range range, time_point until) const;

   private:
    shard& shard_;
    std::string text_;
  };

  [[nodiscard]] locked_shard lock(std::string_view id, std::string_view key, time_point now);

  const std::uint64_t seed_;
  const std::size_t capacity_;
  std::atomic<duration> lifetime_;
  std::vector<std::unique_ptr<shard>> shards_;
};

}  // namespace turnomatic::memory
