#include "commands/command_line.hpp"

#include "commands/plan_options.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <sstream>

namespace turnomatic::bench {
namespace {

constexpr const char* description =
    "Drives load against a turn counter and proves that every turn was unique, consecutive and "
    "in order.\nExit status: 0 proven, 1 violated, 2 could not run.";

CLI::App* add_run(CLI::App& app, run_command& command, plan_options& options) {
  CLI::App* const run = app.add_subcommand("run", "Make load, prove the answers, report");
  add_plan_options(*run, options);
  run->add_option("--ops", options.operators,
                  "Operations URL of a server, to read its account of burned turns from "
                  "/metrics (repeat it for each)")
      ->type_name("URL");
  run->add_flag("--json", command.json, "Print the report as JSON");
  run->add_option("--html", command.html_file, "Write the report as one HTML page as well")
      ->type_name("FILE");
  run->add_option("--record", command.order.record_file,
                  "Record what was observed, for `check` and `dump`")
      ->type_name("FILE");
  run->add_flag("--quiet", command.quiet, "No progress line, even on a terminal");
  return run;
}

CLI::App* add_check(CLI::App& app, check_command& command, std::int64_t& clock_error) {
  CLI::App* const check =
      app.add_subcommand("check", "Prove what several runs, also on several hosts, recorded");
  check->add_option("FILE", command.files, "Recordings made by `run --record`")->required();
  check
      ->add_option("--clock-error", clock_error,
                   "How far the clocks of two hosts may disagree, such as 5ms; without it "
                   "order is checked within each host only")
      ->transform(duration_unit())
      ->check(CLI::NonNegativeNumber)
      ->type_name("TIME");
  check->add_flag("--json", command.json, "Print the verdict as JSON");
  return check;
}

answer_text answer_of(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream problems;
  const bool asked = app.exit(error, out, problems) == 0;
  return {out.str() + problems.str(), asked ? exit_proven : exit_could_not};
}

}  // namespace

command parse_command_line(int argc, const char* const* argv, const std::string& version) {
  CLI::App app{description, "turnomatic-bench"};
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);

  run_command run_it;
  plan_options options;
  const CLI::App* const run = add_run(app, run_it, options);
  check_command check_it;
  std::int64_t clock_error = -1;
  const CLI::App* const check = add_check(app, check_it, clock_error);
  dump_command dump_it;
  CLI::App* const dump = app.add_subcommand("dump", "Print a recording as text");
  dump->add_option("FILE", dump_it.file, "A recording")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return answer_of(app, error);
  }
  if (dump->parsed())
    return dump_it;
  if (check->parsed()) {
    if (clock_error >= 0)
      check_it.clock_error = clock_error;
    return check_it;
  }
  (void)run;
  auto planned = make_plan(options);
  if (!planned)
    return answer_text{"turnomatic-bench: " + planned.error().message + '\n', exit_could_not};
  run_it.order.how = std::move(planned->how);
  run_it.order.tls = std::move(planned->tls);
  run_it.order.operators = std::move(planned->operators);
  run_it.order.version = version;
  return run_it;
}

}  // namespace turnomatic::bench
