// The numbers of one worker: written by it alone, read by whoever scrapes.
#pragma once

#include "telemetry/event_log.hpp"
#include "telemetry/metric_layout.hpp"

#include <turnomatic/observer.hpp>
#include <turnomatic/store_observer.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnomatic::telemetry {

/// A counter with one writer. An addition is a plain load and store: no locked instruction
/// on the hot path, yet a reader on another thread sees whole values that never go back.
class single_writer_cell {
 public:
  void add(std::uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// The observer of one worker (or of the operations thread) and of its backend. Their calls come
/// from one thread; `add_to` may be called from any, at the same time.
///
/// Alignment keeps two workers' cells out of one cache line; it is two lines because some
/// processors fetch lines in pairs.
class alignas(128) worker_metrics final : public observer, public store_observer {
 public:
  /// `log` is that of the instance and must outlive it.
  explicit worker_metrics(event_log& log) noexcept : log_{log} {}
  worker_metrics(const worker_metrics&) = delete;
  worker_metrics& operator=(const worker_metrics&) = delete;

  void request_answered(const request_record& record) noexcept override;
  void turns_issued(std::uint64_t count) noexcept override;
  void turns_burned(burn_reason reason, std::uint64_t count) noexcept override;
  void turns_undelivered(std::uint64_t count) noexcept override;
  void takes_withdrawn(std::uint64_t count) noexcept override;
  void request_rejected(rejection reason) noexcept override;
  void connection_opened() noexcept override;
  void connection_closed(close_reason reason) noexcept override;
  void connection_refused(refusal reason) noexcept override;
  [[nodiscard]] bool line_due(incident what, time_point now) noexcept override;
  void client_refused(incident what, std::string_view peer) noexcept override;
  /// Writes an access entry to the log, at level info; an incident at level warn.
  void access(const request_record& record, std::string_view peer,
              std::string_view target) noexcept override;

  void packet_answered(std::size_t batches, std::uint64_t turns, duration took) noexcept override;
  void call_failed(store_failure why) noexcept override;
  void breaker_changed(breaker_state from, breaker_state to, breaker_reason why) noexcept override;
  void refused(store_refusal kind, std::string_view text) noexcept override;
  void happened(store_event what, std::string_view detail) noexcept override;

  /// Connections that are open now.
  [[nodiscard]] std::uint64_t open_connections() const noexcept;
  /// Turns that it has reported as issued.
  [[nodiscard]] std::uint64_t turns() const noexcept { return cells_.turns_issued.value(); }
  /// Adds this worker's numbers to `totals`. Each is read whole, but not all at one instant.
  void add_to(metric_totals& totals) const noexcept;

 private:
  metric_layout<single_writer_cell> cells_;
  event_log& log_;
  std::array<std::uint64_t, incident_count> left_out_{};  // by the line that is due
};

}  // namespace turnomatic::telemetry
