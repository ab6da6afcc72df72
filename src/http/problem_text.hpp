// What the answers about problems have in common, ready to be copied.
#pragma once

#include "http/problem.hpp"

#include <array>
#include <string>

namespace turnomatic::http {

/// The parts of an answer about one problem that are the same each time. Date follows
/// `status_line`; what else differs stands after `fields`.
struct problem_text {
  std::string status_line;
  std::string fields;
  std::string length;  ///< Content-Length and the empty line
  std::string body;
};

/// In the order of the enumerators. Made at the first call: an instance under overload answers
/// hardly anything else, and must not put the same texts together each time. Thread-safe.
[[nodiscard]] const std::array<problem_text, problem_count>& problem_texts();

}  // namespace turnomatic::http
