#include "report/json_report.hpp"

#include "report/conclusion.hpp"
#include "report/format.hpp"
#include "report/sections.hpp"
#include "report/violation_view.hpp"

#include <nlohmann/json.hpp>

namespace turnomatic::bench {
namespace {

using nlohmann::ordered_json;

constexpr int format_version = 1;

double microseconds(std::chrono::nanoseconds length) {
  return std::chrono::duration<double, std::micro>{length}.count();
}

double seconds(std::chrono::nanoseconds length) {
  return std::chrono::duration<double>{length}.count();
}

ordered_json setup_of(const run_setup& setup) {
  return {{"targets", setup.targets},
          {"ids", setup.ids},
          {"method", setup.method},
          {"arrival", setup.arrival},
          {"connections", setup.connections},
          {"threads", setup.threads},
          {"pipeline", setup.pipeline},
          {"keep_alive", setup.keep_alive},
          {"idempotent", setup.idempotent},
          {"deadline_s", seconds(setup.deadline)},
          {"warm_up_s", seconds(setup.warm_up)}};
}

ordered_json load_of(const run_result& run) {
  return {{"measured_s", run.measured.count()},
          {"turns", run.turns()},
          {"turns_per_s", turns_per_second(run)},
          {"requests", requests_of(run)},
          {"retries", run.retries},
          {"overdue", run.overdue},
          {"bytes_sent", run.bytes_sent},
          {"bytes_received", run.bytes_received},
          {"generator_cpu_s", run.cpu.count()},
          {"generator_cpu_per_request_us", cpu_per_request(run).count() * 1e6},
          {"generator_longest_stall_us", microseconds(run.longest_stall)}};
}

ordered_json latency_of(const run_result& run) {
  if (run.turns() == 0)
    return nullptr;
  const histogram& latencies = *run.latencies;
  return {{"p50_us", microseconds(latencies.quantile(0.5))},
          {"p90_us", microseconds(latencies.quantile(0.9))},
          {"p99_us", microseconds(latencies.quantile(0.99))},
          {"p99_9_us", microseconds(latencies.quantile(0.999))},
          {"p99_99_us", microseconds(latencies.quantile(0.9999))},
          {"max_us", microseconds(latencies.quantile(1))},
          {"mean_us", microseconds(latencies.mean())}};
}

ordered_json answers_of(const run_result& run) {
  ordered_json answers = ordered_json::array();
  for (const auto& [status, count] : run.statuses)
    answers.push_back({{"status", status}, {"count", count}});
  return answers;
}

ordered_json failures_of(const run_result& run) {
  ordered_json failures = ordered_json::object();
  for (std::size_t i = 0; i < failure_kinds; ++i)
    failures[std::string{name_of(static_cast<failure>(i))}] = run.failures[i];
  return failures;
}

ordered_json request_of(const std::optional<observation>& request, moment origin,
                        const proof_result& of) {
  if (!request)
    return nullptr;
  const auto microseconds_since = [&](moment when) {
    return static_cast<double>(since(origin, when)) / 1000;
  };
  return {{"turn", request->turn},
          {"sent_us", microseconds_since(request->sent)},
          {"received_us", microseconds_since(request->received)},
          {"connection", static_cast<std::uint32_t>(request->connection)},
          {"target", target_name(of, request->connection)},
          {"retried", request->retried != 0}};
}

ordered_json findings_of(const proof_result& of) {
  ordered_json findings = ordered_json::array();
  for (const finding& each : of.proof.findings) {
    const moment origin = earliest_in(each);
    ordered_json one{{"kind", name_of(each.kind)},
                     {"id", id_name(of, each.id)},
                     {"first", request_of(each.first, origin, of)},
                     {"second", request_of(each.second, origin, of)}};
    if (each.kind == violation::gap) {
      one["gap_first"] = each.gap_first;
      one["gap_last"] = each.gap_last;
    }
    findings.push_back(std::move(one));
  }
  return findings;
}

ordered_json proof_of(const proof_result& of) {
  const verdict& proof = of.proof;
  return {{"conclusion", name_of(conclusion_of(proof))},
          {"turns", proof.turns},
          {"ids", proof.ids},
          {"violations", proof.violations()},
          {"duplicates", proof.duplicates},
          {"inversions", proof.inversions},
          {"connection_inversions", proof.connection_inversions},
          {"wrong_ids", proof.wrong_ids},
          {"malformed", proof.malformed},
          {"unknown_outcomes", proof.unknown_outcomes},
          {"missing", proof.missing},
          {"explained_by_unknown", proof.explained_by_unknown},
          {"explained_by_account", proof.explained_by_account},
          {"unexplained", proof.unexplained},
          {"account_lost", proof.account_lost},
          {"burned", of.burned ? ordered_json(*of.burned) : ordered_json(nullptr)},
          {"gave_up", proof.gave_up},
          {"first_violations", findings_of(of)},
          {"faulty_bodies", of.faulty_bodies}};
}

ordered_json samples_of(const run_result& run) {
  ordered_json samples = ordered_json::array();
  for (const sample& each : run.samples) {
    samples.push_back({{"at_s", each.at.count()},
                       {"length_s", each.length.count()},
                       {"turns", each.turns},
                       {"refused", each.refused},
                       {"failed", each.failed},
                       {"p50_us", microseconds(each.p50)},
                       {"p99_us", microseconds(each.p99)},
                       {"max_us", microseconds(each.max)}});
  }
  return samples;
}

std::string dump(const ordered_json& document) {
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string render_json(const run_result& run) {
  return dump({
      {"format", "turnomatic-bench.report"},
      {"version", format_version},
      {"generator", {{"version", run.version}, {"host", run.host}}},
      {"started", utc_text(run.started)},
      {"setup", setup_of(run.setup)},
      {"load", load_of(run)},
      {"latency", latency_of(run)},
      {"answers", answers_of(run)},
      {"failures", failures_of(run)},
      {"proof", proof_of(run)},
      {"samples", samples_of(run)},
      {"problems", run.problems},
  });
}

std::string render_json(const proof_result& of) {
  return dump(
      {{"format", "turnomatic-bench.proof"}, {"version", format_version}, {"proof", proof_of(of)}});
}

}  // namespace turnomatic::bench
