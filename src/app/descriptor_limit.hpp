// How many descriptors the process may have.
#pragma once

#include "app/descriptor_plan.hpp"

#include <turnomatic/config.hpp>

#include <cstdint>

namespace turnomatic::app {

/// Raises the soft limit (RLIMIT_NOFILE) to the hard one, which is returned: the soft one is often
/// far below what the kernel would give. Throws std::runtime_error, which names the limit, if that
/// is too little to serve at all.
[[nodiscard]] std::uint64_t claim_descriptors(const configuration& from, std::uint32_t workers);

/// Logs it if callers get fewer connections than the configuration says.
[[nodiscard]] descriptor_plan plan_of(const configuration& from, std::uint32_t workers,
                                      std::uint64_t descriptors);

}  // namespace turnomatic::app
