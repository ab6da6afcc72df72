#include "commands/command_line.hpp"

#include "commands/declared_commands.hpp"

#include <sstream>
#include <utility>

namespace turnomatic::bench {
namespace {

answer_text answer_of(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream problems;
  const bool asked = app.exit(error, out, problems) == 0;
  return {out.str() + problems.str(), asked ? exit_proven : exit_could_not};
}

}  // namespace

command parse_command_line(int argc, const char* const* argv, const std::string& version) {
  declared_commands said{version};
  try {
    said.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return answer_of(said.app, error);
  }
  if (said.dump->parsed())
    return said.dump_it;
  if (said.check->parsed()) {
    if (said.clock_error >= 0)
      said.check_it.clock_error = said.clock_error;
    return said.check_it;
  }
  auto planned = make_plan(said.options);
  if (!planned)
    return answer_text{"turnomatic-bench: " + planned.error().message + '\n', exit_could_not};
  said.run_it.order.how = std::move(planned->how);
  said.run_it.order.tls = std::move(planned->tls);
  said.run_it.order.operators = std::move(planned->operators);
  said.run_it.order.version = version;
  return std::move(said.run_it);
}

}  // namespace turnomatic::bench
