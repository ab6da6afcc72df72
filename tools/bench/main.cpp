// turnomatic-bench: makes load and proves the answers.
#include "commands/command_line.hpp"
#include "commands/commands.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <variant>

namespace {

namespace bench = turnomatic::bench;

constexpr const char* version = TURNOMATIC_VERSION " (" TURNOMATIC_REVISION ")";

int perform(const bench::answer_text& answer) {
  std::fputs(answer.text.c_str(), answer.exit_status == bench::exit_proven ? stdout : stderr);
  return answer.exit_status;
}

template <class Command>
int perform(const Command& command) {
  return bench::execute(command);
}

}  // namespace

int main(int argc, char** argv) {
  // A peer that has gone is seen by the write that fails.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return std::visit([](const auto& command) { return perform(command); },
                      bench::parse_command_line(argc, argv, version));
  } catch (const std::exception& error) {
    return bench::could_not(error.what());
  }
}
