#include "commands/commands.hpp"
#include "recording/merge.hpp"
#include "report/conclusion.hpp"
#include "report/json_report.hpp"
#include "report/text_report.hpp"

#include <cstdio>
#include <utility>

namespace turnomatic::bench {

int execute(const check_command& command) {
  auto merged = prove_recordings(command.files, command.clock_error);
  if (!merged)
    return could_not(merged.error());
  const proof_result result{.proof = std::move(merged->proof),
                            .burned = merged->account.burned,
                            .id_names = std::move(merged->id_names),
                            .connection_targets = std::move(merged->connection_targets),
                            .faulty_bodies = {}};
  std::fputs((command.json ? render_json(result) : render_text(result)).c_str(), stdout);
  if (std::fflush(stdout) != 0)
    return could_not("the verdict could not be printed");
  return exit_status(conclusion_of(result.proof));
}

}  // namespace turnomatic::bench
