// Counts what the calling thread takes from the heap.
#pragma once

#include <cstddef>

namespace turnomatic::support {

/// Calls of operator new on this thread since it started.
[[nodiscard]] std::size_t allocations_so_far() noexcept;

}  // namespace turnomatic::support
