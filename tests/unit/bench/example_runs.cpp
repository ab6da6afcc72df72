#include "unit/bench/example_runs.hpp"

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* hostile = "<script>alert('x')</script>\"&\x1b[2J\xff";

// The masks show the compiler that the bit fields have room enough.
observation request(outcome what, moment sent, moment received) {
  observation made{};
  made.what = static_cast<std::uint8_t>(what) & 7U;
  made.sent = sent;
  made.received = received;
  return made;
}

observation answered(std::uint32_t connection, std::uint64_t turn, moment sent, moment received) {
  observation made = request(outcome::answered, sent, received);
  made.connection = connection & 1U;
  made.turn = turn;
  return made;
}

observation without_turn(outcome what, moment sent, moment received) {
  observation made = request(what, sent, received);
  made.id = made.connection = 1;
  return made;
}

std::vector<finding> one_finding_of_each_kind() {
  constexpr moment start = 1'700'000'000'000'000'000;
  observation retried = answered(1, 81'234, start + 400'000, start + 1'212'345);
  retried.retried = 1;
  std::vector<finding> findings;
  findings.push_back(
      {violation::duplicate, 0, answered(0, 81'234, start, start + 812'000), retried});
  findings.push_back({violation::duplicate, 0, {}, retried});
  findings.push_back({violation::inversion, 0, answered(0, 900, start, start + 812'000),
                      answered(1, 899, start + 2'046'000, start + 2'800'000)});
  findings.push_back({violation::connection_order, 0, answered(0, 12, start, start + 5'000),
                      answered(0, 11, start + 1'000, start + 6'000)});
  findings.push_back(
      {violation::gap, 0, {}, answered(1, 2'000, start, start + 1'000'000), 1'995, 1'999});
  findings.push_back(
      {violation::wrong_id, 1, {}, without_turn(outcome::wrong_id, start, start + 1)});
  findings.push_back(
      {violation::malformed, 1, {}, without_turn(outcome::malformed, start, start + 1)});
  return findings;
}

}  // namespace

sample sample_of(int index) {
  const auto step = static_cast<std::uint64_t>(index);
  return {.at = std::chrono::duration<double>{index + 1},
          .length = 1s,
          .turns = 50'000 + 100 * step,
          .refused = 0,
          .failed = 0,
          .p50 = 800us + index * 1us,
          .p99 = 2ms,
          .max = 9ms};
}

run_result proven_run() {
  run_result run;
  run.version = "1.2.0";
  run.host = "generator-1";
  run.started = std::chrono::system_clock::time_point{1'790'000'000s};
  run.setup = {.targets = {"http://127.0.0.1:7017", "http://127.0.0.1:7027"},
               .ids = "100,000, Zipf 1.1",
               .method = "GET",
               .arrival = "closed loop",
               .connections = 64,
               .threads = 1,
               .pipeline = 1,
               .keep_alive = true,
               .idempotent = false,
               .deadline = 5s,
               .warm_up = 2s};
  run.measured = 10s;
  run.statuses = {{200, 10'000}};
  run.bytes_received = 1'240'000;
  run.bytes_sent = 620'000;
  run.latencies = std::make_unique<histogram>();
  for (int i = 0; i < 10'000; ++i)
    run.latencies->add(i < 9'900 ? 812us : i < 9'999 ? 2ms : 9ms);
  for (int second = 0; second < 10; ++second)
    run.samples.push_back(sample_of(second));
  run.cpu = 5s;
  run.longest_stall = 1'250us;
  run.burned = 2;
  run.proof = {.turns = 1'234'567,
               .ids = 100'000,
               .unknown_outcomes = 3,
               .missing = 5,
               .explained_by_unknown = 3,
               .explained_by_account = 2,
               .findings = {}};
  run.id_names = {"grupo7", "grupo8"};
  run.connection_targets = {"http://127.0.0.1:7017", "http://127.0.0.1:7027"};
  return run;
}

run_result violated_run() {
  run_result run = proven_run();
  run.host = hostile;
  run.setup.targets.emplace_back(hostile);
  run.setup.ids = hostile;
  run.setup.idempotent = true;
  run.statuses = {{200, 10'000}, {429, 40}, {503, 2}};
  run.failures = {1, 2, 3, 4, 5};
  run.retries = 17;
  run.burned.reset();
  run.proof.explained_by_account = 0;
  run.proof.unexplained = 2;
  run.proof.duplicates = 2;
  run.proof.inversions = 1;
  run.proof.connection_inversions = 1;
  run.proof.wrong_ids = 1;
  run.proof.malformed = 1;
  run.proof.findings = one_finding_of_each_kind();
  run.id_names = {"grupo7", hostile};
  run.connection_targets = {"http://127.0.0.1:7017", hostile};
  run.faulty_bodies = {hostile, "not json"};
  return run;
}

run_result unanswered_run() {
  run_result run = proven_run();
  run.statuses.clear();
  run.failures = {1'000, 0, 0, 0, 0};
  run.latencies = std::make_unique<histogram>();
  run.samples.clear();
  run.measured = 0s;
  run.proof = {};
  return run;
}

}  // namespace turnomatic::bench
