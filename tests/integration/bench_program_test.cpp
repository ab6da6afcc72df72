// The program turnomatic-bench and its exit status: 0 proven, 1 violated, 2 could not.
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
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

// Whether a process handles a signal itself.
bool catches(pid_t process, int number) {
  std::ifstream status{"/proc/" + std::to_string(process) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigCgt:"))
      return (std::stoull(line.substr(7), nullptr, 16) >> (number - 1) & 1U) != 0;
  }
  return false;
}

struct long_run {
  explicit long_run(const scripted_server& server, std::vector<std::string> more = {})
      : program{{.arguments = arguments(server, std::move(more)), .output_file = output.path()}} {}

  static std::vector<std::string> arguments(const scripted_server& server,
                                            std::vector<std::string> more) {
    more.insert(more.begin(), {TURNOMATIC_BENCH_PATH, "run", server.url(), "--duration", "1h",
                               "--deadline", "1h", "--connections", "4"});
    return more;
  }

  const temporary_file output;
  child_process program;
};

TEST(bench_program, judges_what_was_done_until_the_first_signal) {
  for (const int number : {SIGINT, SIGTERM}) {
    std::atomic<std::uint64_t> requests{0};
    const scripted_server bad{[&](std::uint64_t request) {
      requests = request;
      return request == 500 ? fault::skip : fault::none;
    }};
    long_run run{bad};
    ASSERT_TRUE(eventually([&] { return requests > 1000; }));
    run.program.signal(number);
    const auto ended = run.program.wait(10s);
    ASSERT_TRUE(ended && ended->exited) << number;
    EXPECT_EQ(ended->code, 1);
    EXPECT_TRUE(contains(contents(run.output), "\nVIOLATED ")) << contents(run.output);
  }
}

TEST(bench_program, ends_at_once_at_the_second_signal) {
  for (const auto& [first, second] : {std::pair{SIGINT, SIGINT}, std::pair{SIGTERM, SIGTERM},
                                      std::pair{SIGINT, SIGTERM}, std::pair{SIGTERM, SIGINT}}) {
    std::atomic<bool> stalled{false};
    const scripted_server silent{[&](std::uint64_t) {
      stalled = true;
      return fault::stall;
    }};
    long_run run{silent};
    ASSERT_TRUE(eventually([&] { return stalled.load(); }));
    ASSERT_TRUE(catches(run.program.pid(), first));
    run.program.signal(first);
    ASSERT_TRUE(eventually([&, number = second] { return !catches(run.program.pid(), number); }));
    run.program.signal(second);
    const auto ended = run.program.wait(10s);
    ASSERT_TRUE(ended) << "it waits for answers for an hour";
    EXPECT_FALSE(ended->exited);
    EXPECT_EQ(ended->code, second);
  }
}

TEST(bench_program, shows_no_progress_unless_on_a_terminal) {
  const scripted_server good;
  const outcome found = bench({"run", good.url(), "--duration", "1500ms"});
  EXPECT_EQ(found.status, 0);
  EXPECT_EQ(found.errors, "");
}

// Whoever reads the latencies must learn that the generator itself stood still.
TEST(bench_program, reports_for_how_long_it_was_held_up_itself) {
  std::atomic<std::uint64_t> requests{0};
  const scripted_server good{[&](std::uint64_t request) {
    requests = request;
    return fault::none;
  }};
  long_run run{good, {"--json"}};
  ASSERT_TRUE(eventually([&] { return requests > 1000; }));
  run.program.signal(SIGSTOP);
  std::this_thread::sleep_for(300ms);
  run.program.signal(SIGCONT);
  const std::uint64_t before = requests;
  ASSERT_TRUE(eventually([&] { return requests > before + 100; }));
  run.program.signal(SIGINT);
  const auto ended = run.program.wait(10s);
  ASSERT_TRUE(ended && ended->exited);
  const std::string report = contents(run.output);
  const std::string key = R"("generator_longest_stall_us": )";
  const std::size_t at = report.find(key);
  ASSERT_NE(at, std::string::npos) << report;
  const double stall = std::stod(report.substr(at + key.size()));
  EXPECT_GT(stall, 250'000);
  EXPECT_LT(stall, 10'000'000);
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
