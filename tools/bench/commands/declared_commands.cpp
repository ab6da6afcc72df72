#include "commands/declared_commands.hpp"

namespace turnomatic::bench {
namespace {

constexpr const char* description =
    "Drives load against a turn counter and proves that every turn was unique, consecutive and "
    "in order.\nExit status: 0 proven, 1 violated, 2 could not run.";

void add_run(CLI::App& app, run_command& command, plan_options& options) {
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

}  // namespace

declared_commands::declared_commands(const std::string& version)
    : app{description, "turnomatic-bench"} {
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);

  add_run(app, run_it, options);
  check = add_check(app, check_it, clock_error);
  dump = app.add_subcommand("dump", "Print a recording as text");
  dump->add_option("FILE", dump_it.file, "A recording")->required();
}

}  // namespace turnomatic::bench
