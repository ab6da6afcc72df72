// What the servers themselves say of a run.
#pragma once

#include <cstdint>
#include <optional>

namespace turnomatic::bench {

struct servers_account {
  /// Turns that they took and that reached nobody; nothing if no account was read.
  std::optional<std::uint64_t> burned{};
  /// An account that was to be read could not be: nobody knows what it would have explained.
  bool lost{false};
};

}  // namespace turnomatic::bench
