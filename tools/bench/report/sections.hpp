// What the reports for people have in common: the tables, row by row.
#pragma once

#include "report/run_result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace turnomatic::bench {

/// One row. All of it is printable, none of it escaped for HTML.
struct row {
  std::string label;
  std::string value;
  std::string note{};     ///< what to know about the value; may be empty
  bool violation{false};  ///< what it counts must not happen, and did
};

struct section {
  std::string title;
  bool numeric;  ///< values are numbers, to be aligned at their right
  std::vector<row> rows;
};

[[nodiscard]] section setup_section(const run_result& run);
[[nodiscard]] section load_section(const run_result& run);
/// Without rows if no turn was answered.
[[nodiscard]] section latency_section(const run_result& run);
[[nodiscard]] section answers_section(const run_result& run);
[[nodiscard]] section failures_section(const run_result& run);
[[nodiscard]] section proof_section(const proof_result& of);

/// Requests that were answered or given up; one that was sent again counts once.
[[nodiscard]] std::uint64_t requests_of(const run_result& run);
[[nodiscard]] double turns_per_second(const run_result& run);
/// 0 if there was no request.
[[nodiscard]] std::chrono::duration<double> cpu_per_request(const run_result& run);

}  // namespace turnomatic::bench
