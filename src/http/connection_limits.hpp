// How many connections an instance takes.
#pragma once

#include <turnomatic/observer.hpp>

#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace turnomatic::http {

/// Counts the connections of all workers against the limits. Thread-safe.
class connection_limits {
 public:
  /// Connections over the limit that are still let in to be told so. Beyond these they are
  /// closed without a word, so that a flood cannot use up descriptors.
  static constexpr std::uint32_t refusals_max = 256;

  /// What `admit` lets a connection do, and what `release` needs to undo it.
  struct admission {
    bool accepted{false};        ///< false: close it at once
    std::optional<refusal> why;  ///< set: answer its first request with this and close
    std::optional<std::uint64_t> counted_network;
  };

  connection_limits(std::uint32_t total_max, std::uint32_t per_address_max) noexcept
      : total_max_{total_max}, per_address_max_{per_address_max} {}

  /// Applies to later admissions; a per-address limit that was 0 counts only what comes after.
  void set_limits(std::uint32_t total_max, std::uint32_t per_address_max) noexcept;

  /// An IPv6 /64 counts as one address: a host can use any address of it. An IPv4 address mapped
  /// into IPv6 counts as the IPv4 address. Without an address (a unix socket) a connection counts
  /// among all, but not by address.
  [[nodiscard]] admission admit(const std::optional<boost::asio::ip::address>& from);
  void release(const admission& what) noexcept;

  [[nodiscard]] std::uint32_t total() const noexcept { return total_.load(); }
  /// The connections that were let in to be refused.
  [[nodiscard]] std::uint32_t refused() const noexcept { return refused_.load(); }
  [[nodiscard]] std::uint32_t total_max() const noexcept { return total_max_.load(); }

 private:
  [[nodiscard]] admission refuse(refusal why) noexcept;
  [[nodiscard]] bool count_network(std::uint64_t network, std::uint32_t limit);

  std::atomic<std::uint32_t> total_max_;
  std::atomic<std::uint32_t> per_address_max_;
  std::atomic<std::uint32_t> total_{0};
  std::atomic<std::uint32_t> refused_{0};
  std::mutex networks_mutex_;
  std::map<std::uint64_t, std::uint32_t> networks_;
};

}  // namespace turnomatic::http
