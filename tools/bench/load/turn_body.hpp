// From the body of an answer to a turn.
#pragma once

#include "proof/observation.hpp"

#include <cstdint>
#include <string_view>

namespace turnomatic::bench {

struct turn_body {
  outcome what;           ///< answered, wrong_id or malformed
  std::uint64_t turn{0};  ///< if answered
};

/// Reads `{"id":"grupo7","turno":42}`, in any JSON that means the same, as the answer to a
/// request for `id`.
[[nodiscard]] turn_body read_turn_body(std::string_view body, std::string_view id);

/// Whether a refusal says for certain that no turn was taken: any 4xx, and a 5xx that has
/// `"applied":"no"` in its body. What stands behind another 5xx, a proxy's for instance, nobody
/// knows.
[[nodiscard]] bool certainly_not_applied(int status, std::string_view body);

}  // namespace turnomatic::bench
