#include "app/descriptor_limit.hpp"

#include "telemetry/log.hpp"

#include <sys/resource.h>

#include <limits>
#include <stdexcept>
#include <string>

namespace turnomatic::app {
namespace {

// One of each family; more of a name are rare.
constexpr std::size_t addresses_of_endpoint = 2;

descriptor_plan::demand demand_of(const configuration& from, std::uint32_t workers) {
  return {from.http.max_connections, workers, addresses_of_endpoint * from.listen.size()};
}

std::uint64_t raise_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return std::numeric_limits<std::uint64_t>::max();
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max;
}

}  // namespace

std::uint64_t claim_descriptors(const configuration& from, std::uint32_t workers) {
  const std::uint64_t descriptors = raise_limit();
  const auto demand = demand_of(from, workers);
  if (descriptors >= descriptors_min(demand))
    return descriptors;
  throw std::runtime_error{"workers = " + std::to_string(workers) + ": at least " +
                           std::to_string(descriptors_min(demand)) +
                           " file descriptors are needed, " +
                           std::to_string(descriptors_wanted(demand)) +
                           " for http.max_connections = " + std::to_string(demand.connections) +
                           "; the limit (RLIMIT_NOFILE) is " + std::to_string(descriptors)};
}

descriptor_plan plan_of(const configuration& from, std::uint32_t workers,
                        std::uint64_t descriptors) {
  const auto demand = demand_of(from, workers);
  const descriptor_plan plan = plan_descriptors(descriptors, demand);
  if (plan.connections < demand.connections)
    log::warn("too few file descriptors for http.max_connections",
              {{"descriptors", descriptors},
               {"needed", descriptors_wanted(demand)},
               {"configured", demand.connections},
               {"allowed", plan.connections}});
  return plan;
}

}  // namespace turnomatic::app
