#include "telemetry/metric_families.hpp"

#include <chrono>

namespace turnomatic::telemetry {
namespace {

#if defined(__clang__)
constexpr std::string_view compiler_name = "clang " __clang_version__;
#else
constexpr std::string_view compiler_name = "gcc " __VERSION__;
#endif

double in_seconds(std::chrono::duration<double> time) {
  return time.count();
}

}  // namespace

void append_build_family(const build_information& build, family_list& out) {
  family_writer::gauge(out, "turnomatic_build_info", "Always 1; the labels say which build runs.")
      .add(1.0,
           {{"version", build.version}, {"revision", build.revision}, {"compiler", compiler_name}});
}

void append_turn_families(const metric_totals& totals, const instance_state& state,
                          std::string_view backend, family_list& out) {
  family_writer::counter(out, "turnomatic_turns_issued_total",
                         "Turns whose answers the kernel took, without those it could not deliver.")
      .add(totals.turns_issued, {{"backend", backend}});

  auto burned = family_writer::counter(out, "turnomatic_turns_burned_total",
                                       "Turns that were taken and reached nobody, by reason.");
  for (std::size_t i = 0; i < burn_reason_count; ++i) {
    const bool gone = i == index_of(burn_reason::client_gone);
    burned.add(totals.turns_burned[i] + (gone ? totals.turns_undelivered : 0),
               {{"reason", burn_reason_labels[i]}});
  }
  family_writer::counter(out, "turnomatic_takes_withdrawn_total",
                         "Requests for a turn whose client was gone before one was taken.")
      .add(totals.takes_withdrawn);

  auto refused =
      family_writer::counter(out, "turnomatic_new_ids_refused_total",
                             "Takes of ids that are new, refused by a limit of new ids.");
  refused.add(state.new_ids.by_instance, {{"limit", "instance"}});
  refused.add(state.new_ids.by_address, {{"limit", "address"}});

  if (state.store)
    return;  // how much a remote store holds is not known here, and nothing here bounds it
  family_writer::gauge(out, "turnomatic_counters", "Ids that the backend holds.")
      .add(state.counters, {{"backend", backend}});
  family_writer::gauge(out, "turnomatic_counters_limit",
                       "Ids that the backend may hold; a new one beyond it is answered with 507.")
      .add(state.counters_limit, {{"backend", backend}});
  family_writer::gauge(out, "turnomatic_idempotency_keys", "Keys under which turns are remembered.")
      .add(state.idempotency_keys, {{"backend", backend}});
  family_writer::gauge(out, "turnomatic_idempotency_keys_limit",
                       "Keys that may be remembered; with a new one beyond it 503 is answered.")
      .add(state.idempotency_keys_limit, {{"backend", backend}});
}

void append_instance_families(const instance_state& state, family_list& out) {
  family_writer::gauge(out, "turnomatic_degraded",
                       "Things that are worse than they should be; /degraded lists them.")
      .add(state.degradations);
  family_writer::gauge(out, "turnomatic_ready", "1 while /readyz answers 200, else 0.")
      .add(state.ready ? 1.0 : 0.0);
  family_writer::gauge(out, "turnomatic_workers", "Threads that serve requests.")
      .add(std::uint64_t{state.workers});
  family_writer::gauge(out, "turnomatic_worker_heartbeat_age_seconds",
                       "Time since the slowest worker's event loop last turned.")
      .add(in_seconds(state.worker_heartbeat_age));
}

void append_reload_families(const instance_state& state, family_list& out) {
  auto reloads = family_writer::counter(out, "turnomatic_config_reloads_total",
                                        "Reloads of the configuration, by result.");
  reloads.add(state.reloads_applied, {{"result", "applied"}});
  reloads.add(state.reloads_rejected, {{"result", "rejected"}});

  family_writer::gauge(out, "turnomatic_config_last_reload_success",
                       "1 if the configuration was valid when it was last loaded, else 0.")
      .add(state.last_reload_succeeded ? 1.0 : 0.0);
  family_writer::gauge(out, "turnomatic_config_last_reload_timestamp_seconds",
                       "When the configuration was last loaded, in seconds since 1970.")
      .add(in_seconds(state.last_reload.time_since_epoch()));
}

void append_clock_family(std::chrono::system_clock::time_point now, family_list& out) {
  family_writer::gauge(out, "turnomatic_clock_seconds",
                       "The time of day that the instance believes in, in seconds since 1970.")
      .add(in_seconds(now.time_since_epoch()));
}

void append_log_families(std::uint64_t dropped, family_list& out) {
  family_writer::counter(out, "turnomatic_log_messages_dropped_total",
                         "Log lines lost because they could not be written fast enough.")
      .add(dropped);
}

// The names and meanings are those that every Prometheus client library uses. A value that
// the system does not tell is left out rather than shown as 0.
void append_process_families(const process_sample& sample, family_list& out) {
  if (sample.cpu_seconds) {
    family_writer::counter(out, "process_cpu_seconds_total",
                           "User and system CPU time that the process has used.")
        .add(*sample.cpu_seconds);
  }
  const auto gauge = [&out](std::string_view name, std::string_view help,
                            std::optional<double> value) {
    if (value)
      family_writer::gauge(out, name, help).add(*value);
  };
  gauge("process_resident_memory_bytes", "Resident memory.", sample.resident_bytes);
  gauge("process_virtual_memory_bytes", "Virtual memory.", sample.virtual_bytes);
  gauge("process_open_fds", "Open file descriptors.", sample.open_fds);
  gauge("process_max_fds", "File descriptors that may be open at once.", sample.max_fds);
  gauge("process_start_time_seconds", "When the process started, in seconds since 1970.",
        sample.start_time_seconds);
  gauge("process_threads", "Threads of the process.", sample.threads);
}

}  // namespace turnomatic::telemetry
