// A violation in words, for the reports that people read.
#pragma once

#include "report/run_result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::bench {

/// One request that proves a violation. All of it is printable, none of it escaped for HTML.
struct request_view {
  std::string turn;     ///< "n/a" if it got none
  std::string sent_ms;  ///< since the earliest time of the violation
  std::string received_ms;
  std::string connection;
  std::string target;
  bool retried;  ///< sent again under its key, on another connection
};

struct violation_view {
  std::string kind;  ///< as `name_of`, with blanks
  std::string id;
  std::string sentence;
  std::vector<request_view> requests;
};

[[nodiscard]] violation_view view_of(const finding& what, const proof_result& of);

/// The earliest time in `what`, 0 if there is none.
[[nodiscard]] moment earliest_in(const finding& what) noexcept;
/// Nanoseconds from `origin` to `when`, which is not earlier.
[[nodiscard]] std::uint64_t since(moment origin, moment when) noexcept;

/// As they came; "#7" and "unknown" for what the run does not name.
[[nodiscard]] std::string id_name(const proof_result& of, std::uint32_t id);
[[nodiscard]] std::string_view target_name(const proof_result& of, std::uint32_t connection);

}  // namespace turnomatic::bench
