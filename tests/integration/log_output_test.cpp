// Where the real program writes its log, and what becomes of that when there is trouble.
#include "support/eventually.hpp"
#include "support/server_process.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sysexits.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> anywhere{server_path(),  "--listen",    "127.0.0.1:0",
                                        "--ops-listen", "127.0.0.1:0", "--drain-delay",
                                        "0ms",          "--log-format"};

std::vector<std::string> on_free_ports(const std::string& format,
                                       const std::vector<std::string>& more = {}) {
  std::vector<std::string> all = anywhere;
  all.push_back(format);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::string content_of(const temporary_file& file) {
  std::ifstream from{file.path()};
  return {std::istreambuf_iterator<char>{from}, {}};
}

bool comes_to_hold(const temporary_file& file, const std::string& text) {
  return eventually([&] { return content_of(file).find(text) != std::string::npos; });
}

TEST(log_output, is_standard_output_if_that_is_wanted) {
  const temporary_file file;
  child_process process{
      {.arguments = on_free_ports("json", {"--log-output", "stdout"}), .output_file = file.path()}};
  ASSERT_TRUE(comes_to_hold(file, "\n"));
  process.signal(SIGINT);
  EXPECT_EQ(process.read_rest(10s), "");
  const std::string said = content_of(file);
  const auto entry = nlohmann::json::parse(said.substr(0, said.find('\n')));
  EXPECT_EQ(entry["message"], "listening");
  EXPECT_EQ(entry["severity"], "INFO");
}

// As systemd starts it: standard error is the stream that the variable names.
const std::vector<std::string> to_the_journal{
    "/bin/sh", "-c", "JOURNAL_STREAM=$(stat -L -c %d:%i /dev/fd/2) exec \"$@\"", "sh"};

TEST(log_output, that_is_the_journal_gets_priorities) {
  for (const char* const format : {"text", "json"}) {
    child_process process{{.arguments = on_free_ports(format), .wrapper = to_the_journal}};
    const auto line = process.read_line(20s);
    ASSERT_TRUE(line);
    EXPECT_TRUE(line->starts_with("<6>")) << *line;
    process.signal(SIGINT);
  }
}

TEST(log_output, that_is_the_journal_gets_the_priority_of_an_error_if_the_start_fails) {
  child_process process{{.arguments = {server_path(), "--workers", "many", "--log-level", "loud"},
                         .wrapper = to_the_journal}};
  for (int i = 0; i < 2; ++i) {
    const auto line = process.read_line(20s);
    ASSERT_TRUE(line);
    EXPECT_TRUE(line->starts_with("<3>flag --")) << *line;
  }
}

TEST(log_output, that_is_the_journal_gets_the_priority_of_a_warning_if_the_check_has_one) {
  child_process process{{.arguments = {server_path(), "--check-config"},
                         .wrapper = to_the_journal,
                         .environment = {{"TURNOMATIC_NAME", "/web/turnomatic"}}}};
  const auto line = process.read_line(20s);
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->starts_with("<4>turnomatic: ")) << *line;
}

// Another descriptor than the one that the variable names: it was inherited from somebody else.
TEST(log_output, that_is_not_the_journal_gets_no_priorities) {
  const temporary_file file;
  child_process process{{.arguments = on_free_ports("text", {"--log-output", "stdout"}),
                         .wrapper = to_the_journal,
                         .output_file = file.path()}};
  ASSERT_TRUE(comes_to_hold(file, "listening"));
  EXPECT_EQ(content_of(file).front(), '2');  // of the year
}

TEST(log_output, on_a_disk_that_was_full_has_no_line_glued_to_a_torn_one) {
  const temporary_file file;
  child_process process{
      {.arguments = on_free_ports("json", {"--log-output", "stdout"}), .output_file = file.path()}};
  ASSERT_TRUE(comes_to_hold(file, "\n"));
  const std::string first = content_of(file);

  rlimit before{};
  ASSERT_EQ(::prlimit(process.pid(), RLIMIT_FSIZE, nullptr, &before), 0);
  const rlimit full{first.size() + 10, before.rlim_max};
  ASSERT_EQ(::prlimit(process.pid(), RLIMIT_FSIZE, &full, nullptr), 0);
  process.signal(SIGUSR1);  // is logged
  ASSERT_TRUE(eventually([&] { return content_of(file).size() == first.size() + 10; }));
  std::this_thread::sleep_for(1100ms);  // one of these lines a second
  ASSERT_EQ(::prlimit(process.pid(), RLIMIT_FSIZE, &before, nullptr), 0);
  process.signal(SIGUSR2);
  ASSERT_TRUE(comes_to_hold(file, "SIGUSR2"));

  const std::string rest = content_of(file).substr(first.size());
  ASSERT_EQ(rest[10], '\n') << rest;
  EXPECT_TRUE(nlohmann::json::accept(rest.substr(11))) << rest;
}

/// Runs a program with some of its standard descriptors closed.
std::vector<std::string> without(const std::string& descriptors) {
  std::string script = "exec \"$@\"";
  for (const char each : descriptors)
    script += std::string{" "} + each + (each == '0' ? "<&-" : ">&-");
  return {"/bin/sh", "-c", script, "sh"};
}

std::string target_of(const child_process& process, int descriptor) {
  return std::filesystem::read_symlink("/proc/" + std::to_string(process.pid()) + "/fd/" +
                                       std::to_string(descriptor));
}

TEST(standard_descriptors, that_are_closed_at_the_start_become_nothing_that_is_in_use) {
  server_process server{{}, {.wrapper = without("01")}};
  EXPECT_EQ(target_of(server.process(), 0), "/dev/null");
  EXPECT_EQ(target_of(server.process(), 1), "/dev/null");

  const temporary_file file;
  child_process process{{.arguments = on_free_ports("json", {"--log-output", "stdout"}),
                         .wrapper = without("02"),
                         .output_file = file.path()}};
  ASSERT_TRUE(comes_to_hold(file, "listening"));
  EXPECT_EQ(target_of(process, 0), "/dev/null");
  EXPECT_EQ(target_of(process, 2), "/dev/null");
}

TEST(standard_descriptors, that_are_closed_take_no_answer) {
  child_process process{{.arguments = {server_path(), "--version"}, .wrapper = without("1")}};
  EXPECT_EQ(process.read_rest(20s), "turnomatic: cannot write the answer\n");
  const auto ending = process.wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, EX_UNAVAILABLE);
}

}  // namespace
}  // namespace turnomatic::support
