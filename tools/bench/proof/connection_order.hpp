// Pipelined answers of one connection, compared with each other.
#pragma once

#include "proof/observation.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnomatic::bench {

/// Turns of one id rise along a connection. For requests sent one after the other that follows
/// from the order in time; for those that were under way together it is checked here, against
/// the `depth` - 1 answers before. What a slot sends after a connection broke was sent after all
/// that the connection had answered, so slots need not be told from connections; but a request
/// that is sent again keeps the time of its first sending, and is left out. Not thread-safe.
class connection_order {
 public:
  /// `depth`: how many requests a connection may have under way.
  connection_order(std::size_t connections, std::size_t depth);

  /// The answers of a connection come in the order of its requests. Returns an earlier one of
  /// the same id with a larger turn, or null. Valid until the next call.
  [[nodiscard]] const observation* add_answer(const observation& answer);

 private:
  std::size_t width_;
  std::vector<observation> recent_;    // a ring of width_ for each connection
  std::vector<std::uint64_t> counts_;  // answers of each connection
};

}  // namespace turnomatic::bench
