// The counters of one process, shared by all its workers.
#pragma once

#include <turnomatic/counter_id.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>

namespace turnomatic::memory {

/// A hash table from ids to counters that only ever grows, up to a fixed number of ids.
///
/// Look-ups take no lock: an entry is complete before its slot is published, and neither is
/// changed or moved afterwards. Creating a counter takes a mutex, once per id; to be told that
/// there is no room takes none. Memory is reserved for the limit at the start but becomes resident
/// only as counters appear, in steps of a page, which is a huge one where the kernel has them: 80
/// bytes an entry and 8 bytes for each of 2 to 4 slots per id at the limit, in all 96 to 112 bytes
/// a counter of a full table.
///
/// Thread-safe. References to counters stay valid as long as the table.
class counter_table {
 public:
  using counter = std::atomic<std::uint64_t>;

  /// `capacity` is the number of ids, at least 1. `seed` goes into the hash; drawn at random
  /// it keeps clients from choosing ids that collide. Throws std::bad_alloc if the address
  /// space cannot be had.
  counter_table(std::uint32_t capacity, std::uint64_t seed);
  ~counter_table();
  counter_table(const counter_table&) = delete;
  counter_table& operator=(const counter_table&) = delete;

  /// What a table of that capacity takes of the address space.
  [[nodiscard]] static std::size_t bytes_of(std::uint32_t capacity) noexcept;

  /// The counter of `id`, or null if there is none.
  [[nodiscard]] counter* find(const counter_id& id) const noexcept;

  /// Brings the place where a look-up of `id` begins into the cache.
  void prefetch(const counter_id& id) const noexcept;

  struct item {
    std::string_view id;
    std::uint64_t value;
  };
  /// One of those that exist, in the order in which they were created; `index` is below `size`.
  [[nodiscard]] item at(std::uint32_t index) const noexcept;

  /// The counter of `id`, created at 0 if need be, or null if the table is full.
  [[nodiscard]] counter* find_or_create(const counter_id& id);

  [[nodiscard]] std::uint32_t size() const noexcept {
    return size_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }

 private:
  struct entry;
  /// Upper half: the upper half of the id's hash; lower half: the entry's index plus one.
  /// 0: empty.
  using slot = std::atomic<std::uint64_t>;

  struct probe {
    entry* found;      ///< the entry, or null
    std::size_t slot;  ///< where it is, or the empty slot where it belongs
  };

  [[nodiscard]] static std::size_t slots_of(std::uint32_t capacity) noexcept;
  [[nodiscard]] std::uint64_t hash(const counter_id& id) const noexcept;
  [[nodiscard]] probe look_up(const counter_id& id, std::uint64_t hash) const noexcept;

  const std::uint32_t capacity_;
  const std::uint64_t seed_;
  std::span<slot> slots_;     // a power of two, at least twice the capacity
  std::span<entry> entries_;  // filled from the front
  std::atomic<std::uint32_t> size_{0};
  std::mutex growth_;
};

}  // namespace turnomatic::memory
