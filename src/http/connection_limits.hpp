// How many connections an instance takes.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace turnomatic::http {

/// How a connection is let in. One over a limit is told so, and its probes are answered.
enum class admission : std::uint8_t { served, over_total, over_per_address };

/// Counts the connections of all workers against the limits. Thread-safe.
class connection_limits {
 public:
  /// What `admit` decided, and what `release` needs to undo it.
  struct place {
    admission kind;
    std::optional<std::uint64_t> counted_network;
  };

  /// `refused_max` is per worker, see below.
  connection_limits(std::uint32_t total_max, std::uint32_t per_address_max,
                    std::uint32_t refused_max) noexcept
      : total_max_{total_max}, per_address_max_{per_address_max}, refused_max_{refused_max} {}

  /// Applies to later admissions; a per-address limit that was 0 counts only what comes after.
  void set_limits(std::uint32_t total_max, std::uint32_t per_address_max) noexcept;

  /// An IPv6 /64 counts as one address: a host can use any address of it. An IPv4 address mapped
  /// into IPv6 counts as the IPv4 address. Without an address (a unix socket) a connection counts
  /// among all, but not by address.
  [[nodiscard]] place admit(const std::optional<boost::asio::ip::address>& from);
  void release(const place& held) noexcept;

  [[nodiscard]] std::uint32_t total() const noexcept { return total_.load(); }
  /// The connections over a limit that are open. Their number is for each worker to bound, by
  /// `refused_max`: a worker can make room among its own connections only.
  [[nodiscard]] std::uint32_t refused() const noexcept { return refused_.load(); }
  [[nodiscard]] std::uint32_t refused_max() const noexcept { return refused_max_; }
  [[nodiscard]] std::uint32_t total_max() const noexcept { return total_max_.load(); }

 private:
  [[nodiscard]] bool take_place() noexcept;
  [[nodiscard]] place refuse(admission kind) noexcept;
  [[nodiscard]] bool count_network(std::uint64_t network, std::uint32_t limit);

  std::atomic<std::uint32_t> total_max_;
  std::atomic<std::uint32_t> per_address_max_;
  const std::uint32_t refused_max_;
  std::atomic<std::uint32_t> total_{0};
  std::atomic<std::uint32_t> refused_{0};
  std::mutex networks_mutex_;
  std::map<std::uint64_t, std::uint32_t> networks_;
};

}  // namespace turnomatic::http
