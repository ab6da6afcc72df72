// How many workers an instance has.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace turnomatic::app {

struct worker_count {
  std::uint32_t count;
  std::string_view limited_by;  ///< for the log: configuration, processors, affinity, cgroup_quota

  friend bool operator==(const worker_count&, const worker_count&) = default;
};

/// What the process may use. Pinned to some processors, or given the time of some, it must not have
/// more threads than these: they would only wait for each other, within what they are given.
struct processor_limits {
  std::uint32_t online;                ///< of the machine
  std::uint32_t affinity;              ///< processors that the process may run on
  std::optional<std::uint64_t> quota;  ///< processors' time that it gets (cpu_quota)
};

/// Pure. `configured` 0: as many as the limits allow, at least one.
[[nodiscard]] worker_count choose_worker_count(std::uint32_t configured,
                                               const processor_limits& limits) noexcept;

/// Of this process, now.
[[nodiscard]] processor_limits read_processor_limits();

}  // namespace turnomatic::app
