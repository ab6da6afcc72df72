#include "telemetry/worker_metrics.hpp"

#include "telemetry/log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace turnomatic::telemetry {
namespace {

// A target may be as long as the request line; the log keeps what identifies it.
constexpr std::size_t logged_target_max = 256;

void accumulate(std::uint64_t& total, const single_writer_cell& cell) noexcept {
  total += cell.value();
}

template <class Total, class Cell, std::size_t Count>
void accumulate(std::array<Total, Count>& totals, const std::array<Cell, Count>& cells) noexcept {
  for (std::size_t i = 0; i < Count; ++i)
    accumulate(totals[i], cells[i]);
}

}  // namespace

void worker_metrics::request_answered(const request_record& record) noexcept {
  const std::size_t route = index_of(record.route);
  const std::size_t method = index_of(record.method);
  const auto latency = std::max<std::chrono::nanoseconds>(record.latency, {});

  cells_.requests[route][method][status_index(record.status)].add(1);
  auto& histogram = cells_.latency[route];
  histogram.buckets[latency_bucket(latency)].add(1);
  histogram.sum_ns.add(static_cast<std::uint64_t>(latency.count()));
}

void worker_metrics::turns_issued(std::uint64_t count) noexcept {
  cells_.turns_issued.add(count);
}

void worker_metrics::turns_burned(burn_reason reason, std::uint64_t count) noexcept {
  cells_.turns_burned[index_of(reason)].add(count);
}

void worker_metrics::turns_undelivered(std::uint64_t count) noexcept {
  cells_.turns_undelivered.add(count);
}

void worker_metrics::takes_withdrawn(std::uint64_t count) noexcept {
  cells_.takes_withdrawn.add(count);
}

void worker_metrics::request_rejected(rejection reason) noexcept {
  cells_.rejections[index_of(reason)].add(1);
}

void worker_metrics::connection_opened() noexcept {
  cells_.connections_opened.add(1);
}

void worker_metrics::connection_closed(close_reason reason) noexcept {
  cells_.connections_closed[index_of(reason)].add(1);
}

void worker_metrics::connection_refused(refusal reason) noexcept {
  cells_.connections_refused[index_of(reason)].add(1);
}

bool worker_metrics::line_due(incident what, time_point now) noexcept {
  const auto left_out = log_.admit(what, now);
  left_out_[index_of(what)] += left_out.value_or(0);
  return left_out.has_value();
}

void worker_metrics::client_refused(incident what, std::string_view peer) noexcept {
  log::warn("client refused", {{"reason", incident_labels[index_of(what)]},
                               {"peer", peer},
                               {"left_out", std::exchange(left_out_[index_of(what)], 0)}});
}

void worker_metrics::access(const request_record& record, std::string_view peer,
                            std::string_view target) noexcept {
  using std::chrono::microseconds;
  const auto what = incident_of_status(record.status);
  log::write(what ? log_level::warn : log_level::info, "request",
             {{"peer", peer},
              {"route", route_labels[index_of(record.route)]},
              {"method", method_labels[index_of(record.method)]},
              {"status", record.status},
              {"latency_us", std::chrono::duration_cast<microseconds>(record.latency).count()},
              {"target", target.substr(0, logged_target_max)},
              {"left_out", what ? std::exchange(left_out_[index_of(*what)], 0) : 0}});
}

void worker_metrics::packet_answered(std::size_t batches, std::uint64_t turns,
                                     duration took) noexcept {
  const auto latency = std::max<std::chrono::nanoseconds>(took, {});
  cells_.packets.add(1);
  cells_.batches.add(batches);
  cells_.batch_turns.add(turns);
  cells_.packet_latency.buckets[latency_bucket(latency)].add(1);
  cells_.packet_latency.sum_ns.add(static_cast<std::uint64_t>(latency.count()));
}

void worker_metrics::call_failed(store_failure why) noexcept {
  cells_.store_failures[index_of(why)].add(1);
}

void worker_metrics::breaker_changed(breaker_state from, breaker_state to,
                                     breaker_reason why) noexcept {
  cells_.breaker_transitions[index_of(to)].add(1);
  log_.breaker_changed(from, to, why, clock::now());
}

void worker_metrics::refused(store_refusal kind, std::string_view text) noexcept {
  cells_.store_refusals[index_of(kind)].add(1);
  log_.refused(kind, text, clock::now());
}

void worker_metrics::happened(store_event what, std::string_view detail) noexcept {
  if (what == store_event::connected)
    cells_.store_connections.add(1);
  if (what == store_event::recovering)
    cells_.store_recoveries.add(1);
  log_.happened(what, detail, clock::now());
}

std::uint64_t worker_metrics::open_connections() const noexcept {
  std::uint64_t closed = 0;
  for (const single_writer_cell& cell : cells_.connections_closed)
    closed += cell.value();
  // It counts on while it is read, so for an instant closed may be ahead.
  const std::uint64_t opened = cells_.connections_opened.value();
  return opened - std::min(opened, closed);
}

void worker_metrics::add_to(metric_totals& totals) const noexcept {
  accumulate(totals.requests, cells_.requests);
  for (std::size_t route = 0; route < route_count; ++route) {
    accumulate(totals.latency[route].buckets, cells_.latency[route].buckets);
    accumulate(totals.latency[route].sum_ns, cells_.latency[route].sum_ns);
  }
  accumulate(totals.turns_issued, cells_.turns_issued);
  accumulate(totals.turns_undelivered, cells_.turns_undelivered);
  accumulate(totals.takes_withdrawn, cells_.takes_withdrawn);
  accumulate(totals.turns_burned, cells_.turns_burned);
  accumulate(totals.rejections, cells_.rejections);
  // Closed before opened: a connection that comes and goes meanwhile must not be missing
  // from what is open.
  accumulate(totals.connections_closed, cells_.connections_closed);
  accumulate(totals.connections_opened, cells_.connections_opened);
  accumulate(totals.connections_refused, cells_.connections_refused);
  accumulate(totals.packets, cells_.packets);
  accumulate(totals.batches, cells_.batches);
  accumulate(totals.batch_turns, cells_.batch_turns);
  accumulate(totals.packet_latency.buckets, cells_.packet_latency.buckets);
  accumulate(totals.packet_latency.sum_ns, cells_.packet_latency.sum_ns);
  accumulate(totals.store_failures, cells_.store_failures);
  accumulate(totals.store_refusals, cells_.store_refusals);
  accumulate(totals.store_connections, cells_.store_connections);
  accumulate(totals.store_recoveries, cells_.store_recoveries);
  accumulate(totals.breaker_transitions, cells_.breaker_transitions);
}

}  // namespace turnomatic::telemetry
