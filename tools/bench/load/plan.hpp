// What a run is to do, fixed before it starts. Shared by all its threads, which only read it.
#pragma once

#include "load/target.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::bench {

/// How the next id is drawn.
enum class id_spread : std::uint8_t { uniform, zipf };

/// Which targets an id is asked for at.
enum class target_spread : std::uint8_t {
  round_robin,  ///< any: connections are dealt to the targets in turn
  pinned,       ///< one: id i belongs to target i modulo their number
};

struct plan {
  std::vector<target> targets;
  target_spread spread{target_spread::round_robin};
  std::vector<std::string> ids;
  id_spread popularity{id_spread::uniform};
  double zipf_exponent{1.0};
  std::uint64_t seed{1};

  std::uint32_t connections{64};
  std::uint32_t threads{1};
  std::uint32_t pipeline{1};
  bool keep_alive{true};
  bool post{false};
  std::vector<std::string> header_lines;  ///< without line ends
  std::uint32_t retries{0};               ///< above 0: with an Idempotency-Key
  /// How long the servers remember a key, at least, from when it was first sent.
  std::chrono::nanoseconds key_lifetime{std::chrono::seconds{60}};

  std::optional<std::uint64_t> count;  ///< requests in all, else until `duration` has passed
  std::chrono::nanoseconds duration{std::chrono::seconds{10}};
  std::chrono::nanoseconds warm_up{0};
  double rate{0};  ///< requests a second in all; 0: closed loop
  std::chrono::nanoseconds deadline{std::chrono::seconds{5}};

  [[nodiscard]] std::uint32_t target_of(std::uint32_t connection) const noexcept {
    return connection % static_cast<std::uint32_t>(targets.size());
  }
};

}  // namespace turnomatic::bench
