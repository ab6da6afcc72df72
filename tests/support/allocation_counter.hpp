// Counts what the calling thread takes from the heap.
#pragma once

#include <cstddef>
#include <cstdint>

namespace turnomatic::support {

/// Calls of operator new on this thread since it started.
[[nodiscard]] std::size_t allocations_so_far() noexcept;

/// In bytes, with what the allocator rounds up; what another thread frees is not subtracted.
struct heap_use {
  std::int64_t now;
  std::int64_t peak;  ///< since this thread started, or called `forget_heap_peak`
};
[[nodiscard]] heap_use heap_in_use() noexcept;
void forget_heap_peak() noexcept;

}  // namespace turnomatic::support
