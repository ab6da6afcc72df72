// A token bucket for each of many clients, in bounded memory.
#pragma once

#include "core/token_bucket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace turnomatic {

/// Remembers the buckets of up to `clients_max` clients, in sets of a few by a hash of the client.
/// One that is new to a full set takes the place of the bucket that is the fullest, or will be so
/// the soonest: least is forgotten with that. Thread-safe; two threads wait for each other only if
/// their clients are of the same set.
class client_buckets {
 public:
  static constexpr std::size_t clients_max = 8192;

  /// `seed` keeps clients from choosing addresses that fall into one set.
  explicit client_buckets(std::uint64_t seed) : seed_{seed}, sets_(clients_max / set_size) {}

  /// As token_bucket::take, for the bucket of `client`.
  [[nodiscard]] std::optional<duration> take(std::uint64_t client, const token_rate& rate,
                                             time_point now);
  /// As token_bucket::give_back, if the client is still remembered.
  void give_back(std::uint64_t client, const token_rate& rate);

 private:
  static constexpr std::size_t set_size = 8;

  struct entry {
    std::uint64_t client{0};
    token_bucket bucket;
  };
  struct set {
    std::mutex mutex;
    std::array<entry, set_size> entries;  // those of client 0 with a full bucket stand for none
  };

  [[nodiscard]] set& set_of(std::uint64_t client) noexcept;

  const std::uint64_t seed_;
  std::vector<set> sets_;
};

}  // namespace turnomatic
