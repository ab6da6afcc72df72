// One violation, with what proves it.
#pragma once

#include "proof/observation.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace turnomatic::bench {

enum class violation : std::uint8_t {
  duplicate,         ///< two answers carry one turn of one id
  inversion,         ///< `first` was answered before `second` was sent, and has the larger turn
  connection_order,  ///< `second` followed `first` on one connection, and has the smaller turn
  gap,               ///< turns below an answered one that nobody got and nothing explains
  wrong_id,
  malformed,
};

[[nodiscard]] std::string_view name_of(violation kind) noexcept;

/// Times are those of the host that observed, or with several hosts on the common time line.
struct finding {
  violation kind;
  std::uint32_t id;
  /// The answer that `second` contradicts. Nothing for a duplicate whose first holder is too
  /// long ago to be remembered.
  std::optional<observation> first;
  std::optional<observation> second;
  std::uint64_t gap_first{0};  ///< of a gap: its turns, both ends included
  std::uint64_t gap_last{0};
};

}  // namespace turnomatic::bench
