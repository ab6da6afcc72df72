#include "report/sections.hpp"

#include "report/format.hpp"
#include "report/joined.hpp"
#include "report/outside_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

namespace turnomatic::bench {
namespace {

using seconds = std::chrono::duration<double>;

std::uint64_t answers_of(const run_result& run) {
  return std::accumulate(
      run.statuses.begin(), run.statuses.end(), std::uint64_t{0},
      [](std::uint64_t sum, const auto& answered) { return sum + answered.second; });
}

std::uint64_t failures_of(const run_result& run, failure kind) {
  return run.failures[static_cast<std::size_t>(kind)];
}

double per_second(std::uint64_t count, seconds length) {
  return length.count() > 0 ? static_cast<double>(count) / length.count() : 0;
}

// Doubles reach further than nanoseconds do.
std::string seconds_text(seconds length) {
  if (std::abs(length.count()) < 1)
    return duration_text(std::chrono::nanoseconds{std::llround(length.count() * 1e9)});
  return rounded(length.count()) + " s";
}

std::string cores_text(const run_result& run) {
  if (run.measured.count() <= 0)
    return {};
  return rounded(run.cpu / run.measured) + " cores busy, the proof included";
}

std::string account_note(const proof_result& of) {
  if (of.proof.account_lost)
    return "an account could not be read";
  if (!of.burned)
    return "the servers were not asked";
  return joined({"of ", grouped(*of.burned), " that the servers gave to nobody"});
}

std::string_view meaning_of(failure kind) {
  switch (kind) {
    case failure::connect:
      return "refused, or not connected in time";
    case failure::tls:
      return "the handshake failed";
    case failure::cut:
      return "the connection ended under a request";
    case failure::deadline:
      return "no answer in time";
    case failure::protocol:
      return "what came back is not HTTP/1.1";
  }
  return {};
}

row violation_row(std::string label, std::uint64_t count, std::string note) {
  return {std::move(label), grouped(count), std::move(note), count != 0};
}

row unexplained_row(const verdict& proof) {
  if (proof.account_lost)
    return {"unexplained", grouped(proof.unexplained), "the lost account might explain them"};
  return violation_row("unexplained", proof.unexplained, "missing, and nothing explains them");
}

}  // namespace

std::uint64_t requests_of(const run_result& run) {
  // Without a connection there was no request; one that was sent again is still the same.
  const std::uint64_t sent = answers_of(run) + failures_of(run, failure::cut) +
                             failures_of(run, failure::deadline) +
                             failures_of(run, failure::protocol);
  return sent - std::min(sent, run.retries);
}

double turns_per_second(const run_result& run) {
  return per_second(run.turns(), run.measured);
}

seconds cpu_per_request(const run_result& run) {
  const std::uint64_t requests = requests_of(run);
  return requests == 0 ? seconds{0} : run.cpu / static_cast<double>(requests);
}

section setup_section(const run_result& run) {
  const run_setup& setup = run.setup;
  section result{"Set-up", false, {}};
  for (const std::string& target : setup.targets)
    result.rows.push_back({"target", printable(target)});
  result.rows.push_back({"ids", printable(setup.ids)});
  result.rows.push_back({"method", printable(setup.method)});
  result.rows.push_back({"arrival", printable(setup.arrival)});
  result.rows.push_back({"connections", grouped(setup.connections)});
  result.rows.push_back({"threads", grouped(setup.threads)});
  result.rows.push_back({"pipeline", grouped(setup.pipeline), "requests under way per connection"});
  result.rows.push_back({"keep-alive", setup.keep_alive ? "yes" : "no"});
  result.rows.push_back({"retries", setup.idempotent ? "yes" : "no",
                         setup.idempotent ? "unknown outcomes, under an Idempotency-Key" : ""});
  result.rows.push_back({"deadline", duration_text(setup.deadline)});
  result.rows.push_back({"warm-up", duration_text(setup.warm_up)});
  return result;
}

section load_section(const run_result& run) {
  section result{"Load", true, {}};
  result.rows = {
      {"turns per second", rounded(turns_per_second(run))},
      {"turns", grouped(run.turns())},
      {"requests", grouped(requests_of(run)), "answered or given up"},
      {"measured", seconds_text(run.measured), "without the warm-up"},
      {"retries", grouped(run.retries), "sendings again under a key"},
      {"overdue", grouped(run.overdue), "due, but no connection was free (open loop)"},
      {"sent", bytes_text(run.bytes_sent)},
      {"received", bytes_text(run.bytes_received)},
      {"generator CPU", seconds_text(run.cpu), cores_text(run)},
      {"CPU per request", requests_of(run) == 0 ? "n/a" : seconds_text(cpu_per_request(run)),
       "of the generator"},
      {"longest stall", duration_text(run.longest_stall),
       "of the generator: latencies may owe as much to it"},
  };
  return result;
}

section latency_section(const run_result& run) {
  section result{"Latency of answers with a turn", true, {}};
  if (run.turns() == 0)
    return result;
  static constexpr std::array<std::pair<std::string_view, double>, 6> quantiles{{{"p50", 0.5},
                                                                                 {"p90", 0.9},
                                                                                 {"p99", 0.99},
                                                                                 {"p99.9", 0.999},
                                                                                 {"p99.99", 0.9999},
                                                                                 {"max", 1}}};
  for (const auto& [name, fraction] : quantiles)
    result.rows.push_back({std::string{name}, duration_text(run.latencies->quantile(fraction))});
  result.rows.push_back({"mean", duration_text(run.latencies->mean())});
  return result;
}

section answers_section(const run_result& run) {
  section result{"Answers by status", true, {}};
  const std::uint64_t all = answers_of(run);
  for (const auto& [status, count] : run.statuses)
    result.rows.push_back({std::to_string(status), grouped(count), share_text(count, all)});
  return result;
}

section failures_section(const run_result& run) {
  section result{"Failures", true, {}};
  for (std::size_t i = 0; i < failure_kinds; ++i) {
    const auto kind = static_cast<failure>(i);
    result.rows.push_back(
        {std::string{name_of(kind)}, grouped(run.failures[i]), std::string{meaning_of(kind)}});
  }
  return result;
}

section proof_section(const proof_result& of) {
  const verdict& proof = of.proof;
  section result{"Proof", true, {}};
  result.rows = {
      {"turns", grouped(proof.turns), "a warm-up included"},
      {"ids", grouped(proof.ids)},
      violation_row("duplicates", proof.duplicates, "one turn, given twice"),
      violation_row("inversions", proof.inversions,
                    "a smaller turn asked for after a larger answer"),
      violation_row("order along connections", proof.connection_inversions,
                    "a smaller turn behind a larger one"),
      violation_row("wrong ids", proof.wrong_ids, "a turn of an id that was not asked for"),
      violation_row("malformed", proof.malformed, "status 200, but no turn that can be read"),
      {"unknown outcomes", grouped(proof.unknown_outcomes), "may have taken a turn unseen"},
      {"missing", grouped(proof.missing), "turns between those seen of an id"},
      {"explained by unknown outcomes", grouped(proof.explained_by_unknown),
       "at most one turn each"},
      {"explained by the servers' account", grouped(proof.explained_by_account), account_note(of)},
      unexplained_row(proof),
  };
  if (proof.gave_up)
    result.rows.push_back({"given up", "yes", "the gaps became too many to follow"});
  return result;
}

}  // namespace turnomatic::bench
