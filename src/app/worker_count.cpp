#include "app/worker_count.hpp"

#include "app/cpu_quota.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>

namespace turnomatic::app {

worker_count choose_worker_count(std::uint32_t configured,
                                 const processor_limits& limits) noexcept {
  if (configured > 0)
    return {configured, "configuration"};
  const std::uint32_t processors = std::max(1U, limits.affinity);
  if (limits.quota && *limits.quota < processors)
    return {std::max(1U, static_cast<std::uint32_t>(*limits.quota)), "cgroup_quota"};
  return {processors, processors < limits.online ? "affinity" : "processors"};
}

processor_limits read_processor_limits() {
  const auto online = static_cast<std::uint32_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  cpu_set_t processors;
  const bool known = ::sched_getaffinity(0, sizeof processors, &processors) == 0;
  return {.online = online,
          // More than the set can hold.
          .affinity = known ? static_cast<std::uint32_t>(CPU_COUNT(&processors)) : online,
          .quota = cpu_quota()};
}

}  // namespace turnomatic::app
