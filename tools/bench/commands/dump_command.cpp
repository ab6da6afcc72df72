#include "commands/commands.hpp"
#include "recording/reader.hpp"

#include <array>
#include <cstdio>

namespace turnomatic::bench {
namespace {

const char* name_of(outcome what) {
  switch (what) {
    case outcome::answered:
      return "answered";
    case outcome::unknown:
      return "unknown";
    case outcome::wrong_id:
      return "wrong_id";
    case outcome::malformed:
      return "malformed";
  }
  return "";
}

void print(const recording_header& header, const recorded_block& block) {
  std::printf("# stream %u, watermark %lld\n", block.stream,
              static_cast<long long>(block.watermark));
  for (const observation& each : block.what) {
    std::printf("%lld\t%lld\t%u\t%s\t%s\t%llu%s\n", static_cast<long long>(each.sent),
                static_cast<long long>(each.received), static_cast<unsigned>(each.connection),
                header.ids[each.id].c_str(), name_of(each.result()),
                static_cast<unsigned long long>(each.turn), each.retried != 0 ? "\tretried" : "");
  }
}

}  // namespace

int execute(const dump_command& command) {
  recording_reader file{command.file};
  if (!file.error().empty())
    return could_not(file.error());
  std::printf("# %s\n# sent_ns\treceived_ns\tconnection\tid\toutcome\tturn\n",
              to_json(file.header()).c_str());
  for (recorded_block block; file.next(block);)
    print(file.header(), block);
  if (!file.error().empty())
    return could_not(file.error());
  std::printf("# %s\n", to_json(file.end()).c_str());
  return std::fflush(stdout) == 0 ? exit_proven : could_not("the dump could not be printed");
}

}  // namespace turnomatic::bench
