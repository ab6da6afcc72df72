#include "support/allocation_counter.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t allocations = 0;
thread_local turnomatic::support::heap_use heap{0, 0};

void give_back(void* memory) noexcept {
  heap.now -= static_cast<std::int64_t>(::malloc_usable_size(memory));
  std::free(memory);
}

void* take(std::size_t size) noexcept {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory != nullptr) {
    heap.now += static_cast<std::int64_t>(::malloc_usable_size(memory));
    heap.peak = std::max(heap.peak, heap.now);
  }
  return memory;
}

}  // namespace

// The other forms of operator new that do not ask for an alignment end up here, but not all of them
// where a sanitizer brings its own.
void* operator new(std::size_t size) {
  if (void* const memory = take(size))
    return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void operator delete(void* memory) noexcept {
  give_back(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  give_back(memory);
}

namespace turnomatic::support {

std::size_t allocations_so_far() noexcept {
  return allocations;
}

heap_use heap_in_use() noexcept {
  return heap;
}

void forget_heap_peak() noexcept {
  heap.peak = heap.now;
}

}  // namespace turnomatic::support
