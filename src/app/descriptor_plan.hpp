// How the descriptors of the process are shared out.
#pragma once

#include <cstddef>
#include <cstdint>

namespace turnomatic::app {

/// Connections of callers must not use up the descriptors with which others are refused, probes
/// answered and operators served; where there are too few, all of them give way.
struct descriptor_plan {
  std::uint32_t connections;           ///< of callers that are served, at most what was wanted
  std::uint32_t operator_connections;  ///< likewise of operators
  std::uint32_t refused_per_thread;    ///< over these limits, in each thread that serves

  /// What the process needs, or may need.
  struct demand {
    std::uint32_t connections;
    std::uint32_t workers;
    std::size_t listeners_per_worker;
  };
};

/// With so many everybody has what is wanted; with fewer than the second there is not one
/// connection for each kind of client in each thread.
[[nodiscard]] std::uint64_t descriptors_wanted(const descriptor_plan::demand& wanted) noexcept;
[[nodiscard]] std::uint64_t descriptors_min(const descriptor_plan::demand& wanted) noexcept;

/// For `descriptors` in all. Each number of the plan is at least 1.
[[nodiscard]] descriptor_plan plan_descriptors(std::uint64_t descriptors,
                                               const descriptor_plan::demand& wanted) noexcept;

}  // namespace turnomatic::app
