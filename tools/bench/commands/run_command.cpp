#include "commands/commands.hpp"
#include "commands/progress_line.hpp"
#include "report/conclusion.hpp"
#include "report/html_report.hpp"
#include "report/json_report.hpp"
#include "report/text_report.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds connect_patience = 3s;
// Besides connections: the set of each thread, files, the standard streams.
constexpr rlim_t other_descriptors = 300;

std::atomic<bool> stop_requested{false};

// The first asks for an orderly end, the second gets the usual one, whichever of the two they are.
void on_signal(int) {
  stop_requested.store(true, std::memory_order_relaxed);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

// Empty, or why there cannot be so many.
std::string raise_descriptor_limit(std::uint32_t connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = connections + other_descriptors;
  if (limit.rlim_cur >= wanted)
    return {};
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted)
    return {};
  return std::to_string(connections) + " connections need more open files than the limit of " +
         std::to_string(limit.rlim_max);
}

void show(const run_progress& progress) {
  std::fputs(progress_line(progress).c_str(), stderr);
}

// A violation outweighs a file that failed: who asked must hear of it.
int status_of(const run_result& result) {
  const conclusion found = conclusion_of(result.proof);
  return found == conclusion::proven && !result.problems.empty() ? exit_could_not
                                                                 : exit_status(found);
}

}  // namespace

int could_not(const std::string& why) {
  std::fprintf(stderr, "turnomatic-bench: %s\n", why.c_str());
  return exit_could_not;
}

int execute(run_command&& command) {
  run_order& order = command.order;
  if (const std::string why = raise_descriptor_limit(order.how.connections); !why.empty())
    return could_not(why);
  for (std::vector<target>* const group : {&order.how.targets, &order.operators}) {
    for (target& each : *group) {
      if (const auto found = find_address(each, connect_patience); !found)
        return could_not(found.error().message);
    }
  }
  std::ofstream page;
  if (!command.html_file.empty()) {
    page.open(command.html_file, std::ios::binary);
    if (!page)
      return could_not(command.html_file + ": cannot be written");
  }
  const bool on_terminal = ::isatty(STDERR_FILENO) == 1;
  if (on_terminal && !command.quiet)
    order.on_progress = show;
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);

  auto result = run(order, stop_requested);
  if (order.on_progress)
    std::fputs("\r\x1b[K", stderr);
  if (!result)
    return could_not(result.error().message);
  // The page first, so that the report on standard output can tell if it failed.
  if (page.is_open() && !(page << render_html(*result) << std::flush))
    result->problems.push_back(command.html_file + ": could not be written");
  std::fputs((command.json ? render_json(*result) : render_text(*result)).c_str(), stdout);
  if (std::fflush(stdout) != 0)
    result->problems.emplace_back("the report could not be printed");
  for (const std::string& each : result->problems)
    could_not(each);
  return status_of(*result);
}

}  // namespace turnomatic::bench
