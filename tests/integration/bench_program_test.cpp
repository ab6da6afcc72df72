// The program turnomatic-bench and its exit status: 0 proven, 1 violated, 2 could not.
#include "support/child_process.hpp"
#include "support/scripted_server.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

struct outcome {
  int status{-1};  // -1: it did not end, or not by itself
  std::string output;
  std::string errors;
};

std::string contents(const temporary_file& file) {
  std::ostringstream all;
  all << std::ifstream{file.path()}.rdbuf();
  return all.str();
}

bool contains(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

outcome bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), TURNOMATIC_BENCH_PATH);
  const temporary_file output;
  child_process program{{.arguments = std::move(arguments), .output_file = output.path()}};
  outcome result;
  result.errors = program.read_rest(30s);
  if (const auto ended = program.wait(5s); ended && ended->exited)
    result.status = ended->code;
  result.output = contents(output);
  return result;
}

outcome run_against(const scripted_server& server, std::vector<std::string> more) {
  std::vector<std::string> arguments{"run", server.url(), "--count", "1000"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return bench(std::move(arguments));
}

scripted_server::script at_500(fault what) {
  return [what](std::uint64_t request) { return request == 500 ? what : fault::none; };
}

TEST(bench_program, says_by_its_exit_status_what_the_proof_comes_to) {
  const scripted_server good;
  EXPECT_EQ(run_against(good, {}).status, 0);
  const scripted_server bad{at_500(fault::skip)};
  EXPECT_EQ(run_against(bad, {}).status, 1);
  EXPECT_EQ(bench({"run", "http://127.0.0.1:1", "--duration", "100ms"}).status, 2);
  EXPECT_EQ(bench({"run", "no URL"}).status, 2);
}

TEST(bench_program, fails_if_the_page_or_the_recording_could_not_be_written_to_its_end) {
  for (const char* const option : {"--html", "--record"}) {
    const scripted_server good;
    const outcome found = run_against(good, {option, "/dev/full"});
    EXPECT_EQ(found.status, 2) << option;
    EXPECT_NE(found.errors.find("/dev/full: could not be written"), std::string::npos)
        << found.errors;
  }
}

TEST(bench_program, tells_of_a_violation_even_if_a_file_failed) {
  for (const fault what : {fault::duplicate, fault::skip}) {
    for (const char* const option : {"--html", "--record"}) {
      const scripted_server bad{at_500(what)};
      EXPECT_EQ(run_against(bad, {option, "/dev/full"}).status, 1) << option;
    }
  }
}

// The account might have explained the gap: it accuses nobody, and proves nothing either.
TEST(bench_program, accuses_nobody_of_a_gap_when_the_account_was_lost) {
  const scripted_server lost{[](std::uint64_t request) {
    return request == 500 ? fault::skip : request == 600 ? fault::lose_account : fault::none;
  }};
  const temporary_file recording;
  const temporary_file page;
  const outcome found =
      run_against(lost, {"--ops", lost.url(), "--record", recording.path(), "--html", page.path()});
  EXPECT_EQ(found.status, 2);
  EXPECT_TRUE(contains(found.errors, "/metrics")) << found.errors;
  EXPECT_TRUE(contains(found.output, "\nNOTHING PROVEN ")) << found.output;
  EXPECT_TRUE(contains(contents(page), "<h1>NOTHING PROVEN</h1>"));
  const outcome checked = bench({"check", recording.path()});
  EXPECT_EQ(checked.status, 2);
  EXPECT_TRUE(contains(checked.output, "\nNOTHING PROVEN ")) << checked.output;
}

TEST(bench_program, says_in_json_that_the_account_was_lost) {
  const scripted_server lost{[](std::uint64_t request) {
    return request == 500 ? fault::skip : request == 600 ? fault::lose_account : fault::none;
  }};
  const outcome found = run_against(lost, {"--ops", lost.url(), "--json"});
  EXPECT_EQ(found.status, 2);
  EXPECT_TRUE(contains(found.output, R"("conclusion": "not_proven")")) << found.output;
  EXPECT_TRUE(contains(found.output, R"("account_lost": true)")) << found.output;
  EXPECT_TRUE(contains(found.output, "/metrics has no")) << found.output;
}

// Twice its one burned turn would explain both gaps.
TEST(bench_program, refuses_to_read_the_account_of_one_server_twice) {
  const scripted_server bad{[](std::uint64_t request) {
    return request == 500 ? fault::skip : request == 600 ? fault::burn : fault::none;
  }};
  EXPECT_EQ(run_against(bad, {"--ops", bad.url()}).status, 1);
  const outcome found = run_against(bad, {"--ops", bad.url(), "--ops", bad.url() + "/"});
  EXPECT_EQ(found.status, 2);
  EXPECT_TRUE(contains(found.errors, "the same operations listener")) << found.errors;
}

TEST(bench_program, shows_no_progress_unless_on_a_terminal) {
  const scripted_server good;
  const outcome found = bench({"run", good.url(), "--duration", "1500ms"});
  EXPECT_EQ(found.status, 0);
  EXPECT_EQ(found.errors, "");
}

TEST(bench_program, checks_what_it_recorded) {
  const scripted_server bad{at_500(fault::skip)};
  const temporary_file recording;
  EXPECT_EQ(run_against(bad, {"--record", recording.path()}).status, 1);
  EXPECT_EQ(bench({"check", recording.path()}).status, 1);
  EXPECT_EQ(bench({"dump", recording.path()}).status, 0);
  recording.write("not a recording");
  EXPECT_EQ(bench({"check", recording.path()}).status, 2);
  EXPECT_EQ(bench({"dump", recording.path()}).status, 2);
}

}  // namespace
}  // namespace turnomatic::support
