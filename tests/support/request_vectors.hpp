// Requests as raw bytes and what must come back.
#pragma once

#include <string>
#include <vector>

namespace turnomatic::support {

struct request_vector {
  std::string name;
  std::string bytes;
  std::vector<int> statuses;  ///< of the answers, in order
  bool closes;                ///< whether the server ends the connection behind the last one
};

/// Sent on a connection of their own each, all at once or in any split, the bytes get exactly
/// these answers. What follows an answer that closes is never looked at.
[[nodiscard]] const std::vector<request_vector>& request_vectors();

}  // namespace turnomatic::support
