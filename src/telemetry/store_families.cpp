#include "telemetry/metric_families.hpp"

#include <chrono>

namespace turnomatic::telemetry {
namespace {

void append_calls(const metric_totals& totals, const store_state& state, family_list& out) {
  family_writer::counter(out, "turnomatic_store_packets_total",
                         "Packets that the store has executed: one command each.")
      .add(totals.packets);
  family_writer::counter(out, "turnomatic_store_batches_total",
                         "Batches of these packets; divided by them, the ids of a packet.")
      .add(totals.batches);
  family_writer::counter(out, "turnomatic_store_batch_turns_total",
                         "Turns of these batches; divided by them, the mean size of a batch.")
      .add(totals.batch_turns);
  family_writer::histogram(out, "turnomatic_store_call_duration_seconds",
                           "Time from sending a packet to its answer.")
      .add(totals.packet_latency, {{"shard", state.shard}});

  auto failures = family_writer::counter(out, "turnomatic_store_call_failures_total",
                                         "Calls to the store that failed, by reason.");
  for (std::size_t i = 0; i < store_failure_count; ++i)
    failures.add(totals.store_failures[i], {{"reason", store_failure_labels[i]}});
  auto refusals = family_writer::counter(out, "turnomatic_store_refusals_total",
                                         "Times that the store said no, by kind.");
  for (std::size_t i = 0; i < store_refusal_count; ++i)
    refusals.add(totals.store_refusals[i], {{"kind", store_refusal_labels[i]}});
  family_writer::counter(out, "turnomatic_store_connections_total",
                         "Connections to the store that came to count.")
      .add(totals.store_connections);
  family_writer::counter(out, "turnomatic_store_recoveries_total",
                         "Times that this instance began its part in a recovery of the store.")
      .add(totals.store_recoveries);
}

void append_breakers(const metric_totals& totals, const store_state& state, family_list& out) {
  auto breakers =
      family_writer::gauge(out, "turnomatic_circuit_breaker_state",
                           "Workers whose circuit breaker is in this state, by shard and state.");
  for (std::size_t i = 0; i < breaker_state_count; ++i)
    breakers.add(state.breakers[i], {{"shard", state.shard}, {"state", breaker_state_labels[i]}});
  auto changes = family_writer::counter(out, "turnomatic_circuit_breaker_transitions_total",
                                        "Changes of a circuit breaker, by the state it came to.");
  for (std::size_t i = 0; i < breaker_state_count; ++i)
    changes.add(totals.breaker_transitions[i],
                {{"shard", state.shard}, {"state", breaker_state_labels[i]}});

  family_writer::gauge(out, "turnomatic_circuit_breaker_failure_ratio",
                       "Share of calls in the breaker's window that failed, in the worst worker.")
      .add(state.failure_percent / 100.0, {{"shard", state.shard}});
  family_writer::gauge(
      out, "turnomatic_circuit_breaker_slow_ratio",
      "Share of calls in the breaker's window that were slow, in the worst worker.")
      .add(state.slow_percent / 100.0, {{"shard", state.shard}});
  family_writer::gauge(out, "turnomatic_circuit_breaker_next_probe_seconds",
                       "Time to the next probe of an open breaker; 0 if none will probe.")
      .add(std::chrono::duration<double>(state.next_probe.value_or(duration{})).count(),
           {{"shard", state.shard}});
}

void append_state(const store_state& state, family_list& out) {
  auto lanes = family_writer::gauge(out, "turnomatic_store_lanes",
                                    "Workers by whether their lane to the store counts.");
  lanes.add(state.lanes_counting, {{"state", "counting"}});
  lanes.add(state.lanes_connected - state.lanes_counting, {{"state", "connected"}});
  lanes.add(state.lanes - state.lanes_connected, {{"state", "down"}});
  family_writer::gauge(out, "turnomatic_store_waiting_requests",
                       "Requests that wait for a batch to take them up.")
      .add(state.waiting);
  family_writer::gauge(out, "turnomatic_store_waiting_requests_limit",
                       "Requests that may wait; beyond it they are answered 503.")
      .add(state.waiting_limit);
  family_writer::counter(out, "turnomatic_store_requests_shed_total",
                         "Requests answered 503 because a queue was full.")
      .add(state.shed);
  family_writer::gauge(out, "turnomatic_store_batches_under_way",
                       "Batches that were sent and whose outcome is not known yet.")
      .add(state.under_way);
  family_writer::gauge(out, "turnomatic_store_halted",
                       "1 while no turn is taken because the store has lost its counters, else 0.")
      .add(state.halted ? 1.0 : 0.0);
  family_writer::gauge(out, "turnomatic_store_recovering",
                       "1 while this instance finds the store closed after a restart, else 0.")
      .add(state.recovering ? 1.0 : 0.0);
  family_writer::gauge(out, "turnomatic_store_unheard_instances",
                       "Instances that the latest recovery of the store has not heard.")
      .add(state.unheard_instances);
  family_writer::gauge(out, "turnomatic_store_counters_behind",
                       "Ids that are halted because their counter was behind what was issued.")
      .add(state.counters_behind);
  family_writer::counter(out, "turnomatic_store_losses_total",
                         "Times that the store was found to have lost turns that were issued.")
      .add(state.losses);
  family_writer::gauge(out, "turnomatic_store_marked_ids",
                       "Ids of which this instance remembers the highest turn it issued.")
      .add(state.marked_ids);
}

}  // namespace

void append_store_families(const metric_totals& totals, const store_state& state,
                           family_list& out) {
  append_calls(totals, state, out);
  append_breakers(totals, state, out);
  append_state(state, out);
}

}  // namespace turnomatic::telemetry
