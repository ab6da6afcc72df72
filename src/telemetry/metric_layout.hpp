// Which numbers a worker counts, and where each of them lies.
#pragma once

#include <turnomatic/observer.hpp>
#include <turnomatic/store_observer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnomatic::telemetry {

/// The status codes that this service sends, and status_client_gone, in ascending order. Any other
/// is counted as `other`, so that the set of time series is closed whatever happens.
inline constexpr std::array<std::uint16_t, 20> status_codes{
    200, 204, 400, 401, 403, 404, 405, 408, 409, 413, 414, 417, 425, 429, 431, status_client_gone,
    501, 503, 505, 507};
inline constexpr std::size_t status_count = status_codes.size() + 1;
inline constexpr std::array<std::string_view, status_count> status_labels{
    "200", "204", "400", "401", "403", "404", "405", "408", "409", "413",  "414",
    "417", "425", "429", "431", "499", "501", "503", "505", "507", "other"};

namespace detail {

// 512 is the first power of two above the largest code: the index is one look-up.
inline constexpr auto status_indices = [] {
  std::array<std::uint8_t, 512> table{};
  table.fill(static_cast<std::uint8_t>(status_codes.size()));
  for (std::size_t i = 0; i < status_codes.size(); ++i) {
    table[status_codes[i]] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

}  // namespace detail

/// The position of a status in `status_labels`.
[[nodiscard]] constexpr std::size_t status_index(std::uint16_t status) noexcept {
  return status < detail::status_indices.size() ? detail::status_indices[status]
                                                : status_codes.size();
}

/// Upper bounds (inclusive) of the latency buckets, before the one without a bound. They
/// begin where an answer from memory lies (tens of microseconds), are densest around a Redis
/// round trip (1 ms) and end beyond the default request deadline (1 s).
inline constexpr std::array<std::chrono::nanoseconds, 16> latency_bounds{
    std::chrono::microseconds{25},   std::chrono::microseconds{50},  std::chrono::microseconds{100},
    std::chrono::microseconds{250},  std::chrono::microseconds{500}, std::chrono::milliseconds{1},
    std::chrono::microseconds{2500}, std::chrono::milliseconds{5},   std::chrono::milliseconds{10},
    std::chrono::milliseconds{25},   std::chrono::milliseconds{50},  std::chrono::milliseconds{100},
    std::chrono::milliseconds{250},  std::chrono::milliseconds{500}, std::chrono::seconds{1},
    std::chrono::milliseconds{2500}};
inline constexpr std::size_t latency_bucket_count = latency_bounds.size() + 1;

/// The bucket of a latency. Nearly every request falls into one of the first, so a scan that
/// stops early costs one or two predictable comparisons.
[[nodiscard]] constexpr std::size_t latency_bucket(std::chrono::nanoseconds latency) noexcept {
  std::size_t i = 0;
  while (i < latency_bounds.size() && latency > latency_bounds[i])
    ++i;
  return i;
}

/// Everything that is counted per worker, preallocated for every combination of labels.
/// `Cell` is an atomic in the shard that a worker writes and a plain number in the totals
/// that a scrape adds up. Histogram buckets are not cumulative here: a request touches one.
template <class Cell>
struct metric_layout {
  template <std::size_t Count>
  using row = std::array<Cell, Count>;

  struct latency_histogram {
    row<latency_bucket_count> buckets{};
    Cell sum_ns{};
  };

  std::array<std::array<row<status_count>, method_label_count>, route_count> requests{};
  std::array<latency_histogram, route_count> latency{};
  Cell turns_issued{};
  Cell turns_undelivered{};  ///< of those issued
  Cell takes_withdrawn{};
  row<burn_reason_count> turns_burned{};
  row<rejection_count> rejections{};
  Cell connections_opened{};
  row<close_reason_count> connections_closed{};
  row<refusal_count> connections_refused{};

  // Of a remote store.
  Cell packets{};
  Cell batches{};
  Cell batch_turns{};
  latency_histogram packet_latency{};
  row<store_failure_count> store_failures{};
  row<store_refusal_count> store_refusals{};
  Cell store_connections{};
  Cell store_recoveries{};
  row<breaker_state_count> breaker_transitions{};
};

using metric_totals = metric_layout<std::uint64_t>;

}  // namespace turnomatic::telemetry
