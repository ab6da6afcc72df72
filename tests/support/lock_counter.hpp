// Counts the mutexes that the calling thread locks.
#pragma once

#include <cstddef>

namespace turnomatic::support {

/// Calls of pthread_mutex_lock on this thread since it started. Where a sanitizer watches they are
/// its own, and this is 0.
[[nodiscard]] std::size_t locks_so_far() noexcept;

}  // namespace turnomatic::support
