// One run from beginning to end.
#pragma once

#include "load/plan.hpp"
#include "load/transport.hpp"
#include "report/run_result.hpp"

#include <boost/system/result.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::bench {

/// Where a run stands, for whoever watches.
struct run_progress {
  std::chrono::duration<double> elapsed;
  std::optional<std::chrono::duration<double>>
      left;                      ///< of a count: at the rate of the last report
  std::uint64_t turns;           ///< answered so far
  double rate;                   ///< turns a second, since the last report
  std::uint64_t errors;          ///< refused or failed so far
  std::uint64_t violations;      ///< found so far
  std::chrono::nanoseconds p99;  ///< so far
};

struct run_order {
  plan how;
  tls_settings tls;
  std::vector<target> operators;  ///< operations listeners; empty: no account is read
  std::string record_file;        ///< empty: none
  std::string version;
  std::function<void(const run_progress&)> on_progress;  ///< may be empty
};

/// Makes the load, proves it, and says what came of it. Targets must have their addresses.
/// Blocks; `stop` ends it early, and what was done until then is still judged.
[[nodiscard]] boost::system::result<run_result, complaint> run(const run_order& what,
                                                               const std::atomic<bool>& stop);

}  // namespace turnomatic::bench
