#include "commands/progress_line.hpp"

#include "report/format.hpp"

#include <sstream>

namespace turnomatic::bench {

std::string progress_line(const run_progress& progress) {
  std::ostringstream line;
  line << '\r' << decimal(progress.elapsed.count(), 0) << " s  "
       << grouped(static_cast<std::uint64_t>(progress.rate)) << "/s  p99 "
       << duration_text(progress.p99) << "  errors " << grouped(progress.errors);
  if (progress.violations > 0)
    line << "  VIOLATIONS " << grouped(progress.violations);
  if (progress.left)
    line << "  left " << decimal(progress.left->count(), 0) << " s";
  line << "\x1b[K";
  return line.str();
}

}  // namespace turnomatic::bench
