#include "report/json_report.hpp"

#include "unit/bench/example_runs.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <limits>
#include <regex>
#include <set>
#include <string>

namespace turnomatic::bench {
namespace {

using nlohmann::json;

json parsed(const run_result& run) {
  return json::parse(render_json(run));
}

/// Of every member, however deep: `proof.first_violations[].id`.
void collect_paths(const json& value, const std::string& path, std::set<std::string>& paths) {
  if (value.is_array()) {
    for (const json& each : value)
      collect_paths(each, path + "[]", paths);
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      const std::string below = path.empty() ? key : path + "." + key;
      paths.insert(below);
      collect_paths(member, below, paths);
    }
  }
}

/// The rows of the tables in docs/bench-report.md: | `path` | type | meaning |.
std::set<std::string> documented_paths() {
  static const std::regex row{R"(\| `([a-z0-9_.\[\]]+)` \| [^|]+ \| [^|]+ \|)"};
  std::ifstream page{TURNOMATIC_SOURCE_DIR "/docs/bench-report.md"};
  std::set<std::string> paths;
  for (std::string line; std::getline(page, line);) {
    if (std::smatch match; std::regex_match(line, match, row))
      paths.insert(match[1]);
  }
  return paths;
}

TEST(json_report, names_its_format_and_version) {
  const json report = parsed(proven_run());
  EXPECT_EQ(report.at("format"), "turnomatic-bench.report");
  EXPECT_EQ(report.at("version"), 1);
  EXPECT_EQ(report.at("started"), "2026-09-21T14:13:20Z");
  EXPECT_EQ(report.at("generator"), json({{"version", "1.2.0"}, {"host", "generator-1"}}));
}

TEST(json_report, holds_the_set_up) {
  EXPECT_EQ(parsed(proven_run()).at("setup"),
            json({{"targets", {"http://127.0.0.1:7017", "http://127.0.0.1:7027"}},
                  {"ids", "100,000, Zipf 1.1"},
                  {"method", "GET"},
                  {"arrival", "closed loop"},
                  {"connections", 64},
                  {"threads", 1},
                  {"pipeline", 1},
                  {"keep_alive", true},
                  {"idempotent", false},
                  {"deadline_s", 5.0},
                  {"warm_up_s", 2.0}}));
}

TEST(json_report, holds_load_and_latency_in_the_units_that_its_keys_name) {
  const json report = parsed(proven_run());
  EXPECT_EQ(report.at("load"), json({{"measured_s", 10.0},
                                     {"turns", 10'000},
                                     {"turns_per_s", 1'000.0},
                                     {"requests", 10'000},
                                     {"retries", 0},
                                     {"overdue", 0},
                                     {"bytes_sent", 620'000},
                                     {"bytes_received", 1'240'000},
                                     {"generator_cpu_s", 5.0},
                                     {"generator_cpu_per_request_us", 500.0},
                                     {"generator_longest_stall_us", 1'250.0}}));
  const run_result run = proven_run();
  for (const auto& [key, fraction] :
       {std::pair{"p50_us", 0.5}, std::pair{"p90_us", 0.9}, std::pair{"p99_us", 0.99},
        std::pair{"p99_9_us", 0.999}, std::pair{"p99_99_us", 0.9999}, std::pair{"max_us", 1.0}}) {
    EXPECT_DOUBLE_EQ(report.at("latency").at(key).get<double>() * 1'000,
                     static_cast<double>(run.latencies->quantile(fraction).count()))
        << key;
  }
  EXPECT_NEAR(report.at("latency").at("mean_us").get<double>(), 824.6, 1);
}

TEST(json_report, counts_answers_and_failures) {
  const json report = parsed(violated_run());
  EXPECT_EQ(report.at("answers"), json::parse(R"([{"status": 200, "count": 10000},
      {"status": 429, "count": 40}, {"status": 503, "count": 2}])"));
  EXPECT_EQ(report.at("failures"),
            json({{"connect", 1}, {"tls", 2}, {"cut", 3}, {"deadline", 4}, {"protocol", 5}}));
}

TEST(json_report, holds_the_verdict_with_all_its_counts) {
  json proof = parsed(proven_run()).at("proof");
  EXPECT_EQ(proof, json({{"conclusion", "proven"},
                         {"turns", 1'234'567},
                         {"ids", 100'000},
                         {"violations", 0},
                         {"duplicates", 0},
                         {"inversions", 0},
                         {"connection_inversions", 0},
                         {"wrong_ids", 0},
                         {"malformed", 0},
                         {"unknown_outcomes", 3},
                         {"missing", 5},
                         {"explained_by_unknown", 3},
                         {"explained_by_account", 2},
                         {"unexplained", 0},
                         {"account_lost", false},
                         {"burned", 2},
                         {"gave_up", false},
                         {"first_violations", json::array()},
                         {"faulty_bodies", json::array()}}));
  proof = parsed(violated_run()).at("proof");
  EXPECT_EQ(proof.at("conclusion"), "violated");
  EXPECT_EQ(proof.at("violations"), 8);
  EXPECT_EQ(proof.at("burned"), nullptr);
}

TEST(json_report, tells_of_a_lost_account_and_of_what_went_wrong_at_the_end) {
  run_result run = proven_run();
  EXPECT_EQ(parsed(run).at("problems"), json::array());
  run.burned.reset();
  run.proof.explained_by_account = 0;
  run.proof.unexplained = 2;
  run.proof.account_lost = true;
  run.problems = {"http://h: no metrics"};
  const json report = parsed(run);
  EXPECT_EQ(report.at("proof").at("conclusion"), "not_proven");
  EXPECT_EQ(report.at("proof").at("violations"), 0);
  EXPECT_EQ(report.at("proof").at("unexplained"), 2);
  EXPECT_EQ(report.at("proof").at("account_lost"), true);
  EXPECT_EQ(report.at("problems"), json({"http://h: no metrics"}));
}

TEST(json_report, shows_the_requests_that_prove_a_violation) {
  const json found = parsed(violated_run()).at("proof").at("first_violations");
  ASSERT_EQ(found.size(), 7U);
  EXPECT_EQ(found[2].at("kind"), "inversion");
  EXPECT_EQ(found[2].at("id"), "grupo7");
  EXPECT_EQ(found[2].at("first"), json({{"turn", 900},
                                        {"sent_us", 0.0},
                                        {"received_us", 812.0},
                                        {"connection", 0},
                                        {"target", "http://127.0.0.1:7017"},
                                        {"retried", false}}));
  EXPECT_EQ(found[2].at("second").at("sent_us"), 2046.0);
  EXPECT_EQ(found[0].at("second").at("retried"), true);
  EXPECT_EQ(found[1].at("first"), nullptr);
  EXPECT_EQ(found[4].at("gap_first"), 1'995);
  EXPECT_EQ(found[4].at("gap_last"), 1'999);
  EXPECT_FALSE(found[2].contains("gap_first"));
}

TEST(json_report, holds_every_sample) {
  const json samples = parsed(proven_run()).at("samples");
  ASSERT_EQ(samples.size(), 10U);
  EXPECT_EQ(samples[3], json({{"at_s", 4.0},
                              {"length_s", 1.0},
                              {"turns", 50'300},
                              {"refused", 0},
                              {"failed", 0},
                              {"p50_us", 803.0},
                              {"p99_us", 2'000.0},
                              {"max_us", 9'000.0}}));
}

TEST(json_report, replaces_what_is_not_utf_8_and_keeps_the_rest) {
  const json report = parsed(violated_run());
  EXPECT_EQ(report.at("proof").at("faulty_bodies")[0],
            "<script>alert('x')</script>\"&\x1b[2J\xef\xbf\xbd");
}

TEST(json_report, says_null_for_the_latency_of_no_answer) {
  const json report = parsed(unanswered_run());
  EXPECT_EQ(report.at("latency"), nullptr);
  EXPECT_EQ(report.at("load").at("turns_per_s"), 0.0);
  EXPECT_EQ(report.at("load").at("generator_cpu_per_request_us"), 0.0);
  EXPECT_EQ(report.at("proof").at("conclusion"), "not_proven");
}

TEST(json_report, keeps_counts_that_no_double_can_hold) {
  run_result run = proven_run();
  run.proof.turns = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(parsed(run).at("proof").at("turns").get<std::uint64_t>(), run.proof.turns);
}

TEST(json_report, puts_the_format_first_and_indents_by_two) {
  EXPECT_THAT(render_json(proven_run()),
              testing::StartsWith("{\n  \"format\": \"turnomatic-bench.report\",\n  \"version\""));
}

TEST(json_report, has_exactly_the_members_that_are_documented) {
  std::set<std::string> paths;
  collect_paths(parsed(violated_run()), "", paths);
  EXPECT_EQ(documented_paths(), paths);
}

TEST(json_report, holds_the_proof_alone_for_recordings) {
  const run_result run = violated_run();
  const json alone = json::parse(render_json(static_cast<const proof_result&>(run)));
  EXPECT_EQ(alone.at("format"), "turnomatic-bench.proof");
  EXPECT_EQ(alone.at("proof"), json::parse(render_json(run)).at("proof"));
}

}  // namespace
}  // namespace turnomatic::bench
