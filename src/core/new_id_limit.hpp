// How fast clients may bring counters into being.
#pragma once

#include "core/client_buckets.hpp"
#include "core/token_bucket.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace turnomatic {

/// One bucket for the whole instance and one for each client, since an id that was asked for once
/// takes room for good. Asked only for ids that are not known, so takes of those that are pay
/// nothing. Thread-safe, all workers of an instance share it; without clock.
class new_id_limit {
 public:
  struct settings {
    token_rate instance;
    token_rate client;
  };
  enum class scope : std::uint8_t { instance, client };

  /// `seed` as that of client_buckets.
  new_id_limit(const settings& how, std::uint64_t seed) : clients_{seed} { apply(how); }

  /// What was taken by then counts on.
  void apply(const settings& how) noexcept;

  struct refusal {
    scope by;
    duration wait;  ///< how long the client should wait

    friend bool operator==(const refusal&, const refusal&) = default;
  };
  /// Charges one new id. Otherwise nothing is charged.
  [[nodiscard]] std::optional<refusal> charge(std::uint64_t client, time_point now);
  /// An id that was charged was not new, or was not created.
  void give_back(std::uint64_t client);

  /// Takes refused since the start because a bucket was empty.
  [[nodiscard]] std::uint64_t refused(scope by) const noexcept {
    return refused_[static_cast<std::size_t>(by)].load(std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] std::optional<duration> charge_instance(time_point now) noexcept;
  void count_refusal(scope by) noexcept {
    refused_[static_cast<std::size_t>(by)].fetch_add(1, std::memory_order_relaxed);
  }

  std::atomic<token_rate> instance_rate_;
  std::atomic<token_rate> client_rate_;
  shared_token_bucket instance_;
  client_buckets clients_;
  std::array<std::atomic<std::uint64_t>, 2> refused_{};
};

}  // namespace turnomatic
