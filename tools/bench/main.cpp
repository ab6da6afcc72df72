// turnomatic-bench: makes load and proves the answers.
#include "commands/command_line.hpp"
#include "commands/commands.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <utility>
#include <variant>

namespace {

namespace bench = turnomatic::bench;

constexpr const char* version = TURNOMATIC_VERSION " (" TURNOMATIC_REVISION ")";

int execute(const bench::answer_text& answer) {
  std::fputs(answer.text.c_str(), answer.exit_status == bench::exit_proven ? stdout : stderr);
  return answer.exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  // A peer that has gone is seen by the write that fails.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    // Moved all the way: a plan may name ten million ids.
    return std::visit(
        [](auto&& command) { return execute(std::forward<decltype(command)>(command)); },
        bench::parse_command_line(argc, argv, version));
  } catch (const std::exception& error) {
    return bench::could_not(error.what());
  }
}
