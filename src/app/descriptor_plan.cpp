#include "app/descriptor_plan.hpp"

#include <algorithm>

namespace turnomatic::app {
namespace {

// Scrapers and probes come from few places; a flood of them must not use up descriptors.
constexpr std::uint64_t operator_connections_max = 256;
// Connections that are let in to be refused, over all threads, and in one of many: enough for a
// probe to ask before a flood has pushed it out.
constexpr std::uint64_t refused_in_all = 256;
constexpr std::uint64_t refused_per_thread_min = 16;
// Besides connections, in all: the log, files that are read, and what libraries open.
constexpr std::uint64_t descriptors_of_process = 64;
// And in each thread that serves: two epoll sets, an event and a timer descriptor, a connection to
// the store and the one that replaces it, and two to sentinels. The listeners come to that.
constexpr std::uint64_t descriptors_of_thread = 8;

// A connection of an operator, one that is refused, and as many of callers as of both.
constexpr std::uint64_t connections_of_thread_min = 4;

std::uint64_t threads_of(const descriptor_plan::demand& wanted) noexcept {
  return std::uint64_t{wanted.workers} + 1;  // and the one for operators
}

// Without a connection.
std::uint64_t own_descriptors(const descriptor_plan::demand& wanted) noexcept {
  return descriptors_of_process +
         threads_of(wanted) * (descriptors_of_thread + wanted.listeners_per_worker);
}

std::uint64_t refused_per_thread(std::uint64_t threads) noexcept {
  return std::max(refused_per_thread_min, refused_in_all / threads);
}

std::uint32_t at_least_1(std::uint64_t count) noexcept {
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, count));
}

}  // namespace

std::uint64_t descriptors_wanted(const descriptor_plan::demand& wanted) noexcept {
  const std::uint64_t threads = threads_of(wanted);
  const std::uint64_t others = operator_connections_max + threads * refused_per_thread(threads);
  return own_descriptors(wanted) + others + std::max<std::uint64_t>(wanted.connections, others);
}

std::uint64_t descriptors_min(const descriptor_plan::demand& wanted) noexcept {
  return own_descriptors(wanted) + threads_of(wanted) * connections_of_thread_min;
}

descriptor_plan plan_descriptors(std::uint64_t descriptors,
                                 const descriptor_plan::demand& wanted) noexcept {
  const std::uint64_t threads = threads_of(wanted);
  const std::uint64_t spare = descriptors - std::min(descriptors, own_descriptors(wanted));
  const std::uint64_t refused_wanted = refused_per_thread(threads);
  // Callers who are served have half of what there is, or more.
  const std::uint64_t others =
      std::min(operator_connections_max + threads * refused_wanted, spare / 2);
  const std::uint64_t operators =
      std::min(operator_connections_max,
               std::max(others / 2, others - std::min(others, threads * refused_wanted)));
  return {at_least_1(std::min<std::uint64_t>(wanted.connections, spare - others)),
          at_least_1(operators),
          at_least_1(std::min(refused_wanted, (others - operators) / threads))};
}

}  // namespace turnomatic::app
