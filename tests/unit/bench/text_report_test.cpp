#include "report/text_report.hpp"

#include "unit/bench/example_runs.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <sstream>

namespace turnomatic::bench {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// With each run of blanks as one, so that a test does not depend on the alignment.
std::string single_spaced(const std::string& text) {
  std::string out;
  std::unique_copy(text.begin(), text.end(), std::back_inserter(out),
                   [](char a, char b) { return a == ' ' && b == ' '; });
  return out;
}

TEST(text_report, begins_with_who_ran_and_ends_with_the_verdict) {
  const std::string report = render_text(proven_run());
  EXPECT_THAT(report, StartsWith("turnomatic-bench 1.2.0 on generator-1, 2026-09-21T14:13:20Z\n"));
  EXPECT_THAT(report, EndsWith("\nPROVEN   1,234,567 turns over 100,000 ids: none twice, none out "
                               "of order, every gap explained.\n"));
  EXPECT_THAT(render_text(violated_run()),
              EndsWith("\nVIOLATED   8 violations in 1,234,567 turns over 100,000 ids.\n"));
  EXPECT_THAT(render_text(unanswered_run()),
              EndsWith("\nNOTHING PROVEN   No turn was answered.\n"));
}

TEST(text_report, tells_set_up_load_latency_and_answers) {
  const std::string report = single_spaced(render_text(violated_run()));
  for (const char* line :
       {"target http://127.0.0.1:7017\n", "arrival closed loop\n", "connections 64\n",
        "keep-alive yes\n", "deadline 5 s\n", "warm-up 2 s\n", "turns per second 1,000\n",
        "turns 10,000\n", "received 1.24 MB\n", "generator CPU 5 s 0.5 cores busy", "p50 812 µs\n",
        "p99.9 2 ms\n", "max 9 ms\n", "mean 825 µs\n", "200 10,000 99.58 %\n", "429 40 0.4 %\n",
        "cut 3 the connection ended", "deadline 4 no answer in time\n"}) {
    EXPECT_THAT(report, HasSubstr(line));
  }
}

TEST(text_report, divides_the_cpu_by_the_requests_and_not_by_the_connections_that_failed) {
  run_result run = proven_run();
  run.statuses = {{200, 600'000}, {503, 399'000}};
  run.failures = {7'000, 7'000, 500, 300, 200};
  EXPECT_THAT(single_spaced(render_text(run)), HasSubstr("CPU per request 5 µs"));
}

TEST(text_report, marks_the_lines_of_what_was_violated) {
  const std::string report = single_spaced(render_text(violated_run()));
  for (const char* line : {"! duplicates 2 ", "! inversions 1 ", "! order along connections 1 ",
                           "! wrong ids 1 ", "! malformed 1 ", "! unexplained 2 "}) {
    EXPECT_THAT(report, HasSubstr(line));
  }
  EXPECT_THAT(render_text(proven_run()), Not(HasSubstr("!")));
}

TEST(text_report, accounts_for_the_missing_turns) {
  const std::string report = single_spaced(render_text(proven_run()));
  EXPECT_THAT(report, HasSubstr("missing 5 "));
  EXPECT_THAT(report, HasSubstr("explained by unknown outcomes 3 "));
  EXPECT_THAT(
      report,
      HasSubstr("explained by the servers' account 2 of 2 that the servers gave to nobody\n"));
  EXPECT_THAT(single_spaced(render_text(violated_run())),
              HasSubstr("explained by the servers' account 0 the servers were not asked\n"));
}

TEST(text_report, marks_nothing_that_a_lost_account_might_explain) {
  run_result run = proven_run();
  run.burned.reset();
  run.proof.unexplained = 2;
  run.proof.account_lost = true;
  const std::string report = single_spaced(render_text(run));
  EXPECT_THAT(report, HasSubstr("an account could not be read\n"));
  EXPECT_THAT(report, HasSubstr("\n unexplained 2 the lost account might explain them\n"));
  EXPECT_THAT(report, HasSubstr("\nNOTHING PROVEN The account that might explain 2 missing turns"));
  EXPECT_THAT(report, Not(HasSubstr("!")));
}

TEST(text_report, shows_each_violation_with_its_requests) {
  const std::string report = single_spaced(render_text(violated_run()));
  EXPECT_THAT(report, HasSubstr("1. duplicate, id grupo7\n turn 81,234 was given twice\n"));
  EXPECT_THAT(report, HasSubstr("81,234 0.000 0.812 0 http://127.0.0.1:7017\n"));
  EXPECT_THAT(report, HasSubstr("81,234 0.400 1.212 1 "));
  EXPECT_THAT(report, HasSubstr("(sent again under its key)\n"));
  EXPECT_THAT(report, HasSubstr("who had it first is too long ago to be remembered\n"));
  EXPECT_THAT(report, HasSubstr("turn 899 was asked for after turn 900 had been answered, "
                                "1.234 ms later\n"));
  EXPECT_THAT(report, HasSubstr("turn 11 followed turn 12 on one connection\n"));
  EXPECT_THAT(report, HasSubstr("turns 1,995 to 1,999 (5) reached nobody"));
  EXPECT_THAT(report, HasSubstr("the answer held a turn of another id\n"));
  EXPECT_THAT(report, HasSubstr("the answer had status 200, but no turn that can be read\n"));
}

TEST(text_report, lets_nothing_from_outside_steer_the_terminal) {
  const std::string report = render_text(violated_run());
  EXPECT_TRUE(std::none_of(report.begin(), report.end(),
                           [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == '\x7f'; }));
  EXPECT_THAT(report, HasSubstr("\\x1b[2J\\xff"));
}

TEST(text_report, stays_within_a_hundred_columns) {
  run_result run = proven_run();
  run.proof.turns = 999'999'999'999;
  run.burned = 999'999'999;
  std::istringstream lines{render_text(run)};
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100U) << line;
    EXPECT_THAT(line, Not(EndsWith(" ")));
  }
}

TEST(text_report, names_ids_and_connections_that_the_run_does_not_know) {
  run_result run = violated_run();
  run.id_names.clear();
  run.connection_targets.clear();
  const std::string report = single_spaced(render_text(run));
  EXPECT_THAT(report, HasSubstr("duplicate, id #0\n"));
  EXPECT_THAT(report, HasSubstr("81,234 0.000 0.812 0 unknown\n"));
}

TEST(text_report, survives_times_at_the_ends_of_the_clock) {
  run_result run = violated_run();
  run.proof.findings.resize(1);
  run.proof.findings[0].first->sent = std::numeric_limits<moment>::min();
  run.proof.findings[0].second->received = std::numeric_limits<moment>::max();
  EXPECT_THAT(render_text(run), HasSubstr("18,446,744,073,709.55"));
}

TEST(text_report, shows_the_proof_alone_for_recordings) {
  const run_result run = violated_run();
  const std::string proof = render_text(static_cast<const proof_result&>(run));
  EXPECT_THAT(proof, testing::StartsWith("Proof\n"));
  EXPECT_THAT(render_text(run), testing::EndsWith(proof));
}

}  // namespace
}  // namespace turnomatic::bench
