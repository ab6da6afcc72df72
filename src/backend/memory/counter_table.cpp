#include "backend/memory/counter_table.hpp"

#include <sys/mman.h>

#include <bit>
#include <new>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace turnomatic::memory {

struct counter_table::entry {
  counter value;
  std::uint8_t id_size;
  char id[counter_id::size_max];

  [[nodiscard]] bool is(const counter_id& other) const noexcept {
    return std::string_view{id, id_size} == other.text();
  }
};

namespace {

// Anonymous memory reads as zero, which is an empty slot and a fresh entry; the kernel supplies a
// page only when it is first written.
template <class T>
std::span<T> map_zeroed(std::size_t count, bool in_huge_pages) {
  void* memory = ::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    throw std::bad_alloc{};
  if (in_huge_pages)
    ::madvise(memory, count * sizeof(T), MADV_HUGEPAGE);
  return {static_cast<T*>(memory), count};
}

template <class T>
void unmap(std::span<T> memory) noexcept {
  if (!memory.empty())
    ::munmap(memory.data(), memory.size_bytes());
}

// Huge pages, where there are any: each look-up touches two places at random, and with a million
// ids they save 3 % of what a request costs. Entries are filled from the front, so they waste a
// part of one page. Slots are filled at random and all resident as soon as there are some hundreds
// of ids: 16 MB for a million, and not worth it where a limit far above that asks for much more.
// This many ids have 64 MB of them.
constexpr std::uint32_t capacity_in_huge_pages_max = 1U << 22U;

constexpr std::uint64_t tag_mask = 0xffff'ffff'0000'0000;

}  // namespace

std::size_t counter_table::slots_of(std::uint32_t capacity) noexcept {
  return std::bit_ceil(std::size_t{capacity} * 2);
}

std::size_t counter_table::bytes_of(std::uint32_t capacity) noexcept {
  return slots_of(capacity) * sizeof(slot) + capacity * sizeof(entry);
}

counter_table::counter_table(std::uint32_t capacity, std::uint64_t seed)
    : capacity_{capacity},
      seed_{seed},
      slots_{map_zeroed<slot>(slots_of(capacity), capacity <= capacity_in_huge_pages_max)} {
  static_assert(sizeof(entry) == 80);
  static_assert(slot::is_always_lock_free);
  try {
    entries_ = map_zeroed<entry>(capacity, true);
  } catch (...) {
    unmap(slots_);
    throw;
  }
}

counter_table::~counter_table() {
  unmap(slots_);
  unmap(entries_);
}

std::uint64_t counter_table::hash(const counter_id& id) const noexcept {
  return XXH3_64bits_withSeed(id.text().data(), id.text().size(), seed_);
}

counter_table::probe counter_table::look_up(const counter_id& id,
                                            std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  // At most half of the slots are ever taken, so an empty one ends the walk.
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    // Pairs with the release in find_or_create: whoever sees the slot sees the entry.
    const std::uint64_t word = slots_[i].load(std::memory_order_acquire);
    if (word == 0)
      return {nullptr, i};
    if ((word & tag_mask) != (hash & tag_mask))
      continue;
    entry& candidate = entries_[(word & ~tag_mask) - 1];
    if (candidate.is(id))
      return {&candidate, i};
  }
}

void counter_table::prefetch(const counter_id& id) const noexcept {
  __builtin_prefetch(&slots_[hash(id) & (slots_.size() - 1)]);
}

counter_table::counter* counter_table::find(const counter_id& id) const noexcept {
  entry* const found = look_up(id, hash(id)).found;
  return found ? &found->value : nullptr;
}

counter_table::counter* counter_table::find_or_create(const counter_id& id) {
  const std::uint64_t id_hash = hash(id);
  if (entry* const found = look_up(id, id_hash).found)
    return &found->value;

  // A full table stays as it is, so a look-up after its last entry has been seen is final. Under a
  // flood of new ids the workers would queue here.
  if (size() == capacity_) {
    entry* const last = look_up(id, id_hash).found;
    return last ? &last->value : nullptr;
  }
  const std::scoped_lock lock{growth_};
  // Another worker may have created it since.
  const probe again = look_up(id, id_hash);
  if (again.found)
    return &again.found->value;

  const std::uint32_t index = size_.load(std::memory_order_relaxed);
  if (index == capacity_)
    return nullptr;
  entry& fresh = entries_[index];
  fresh.id_size = static_cast<std::uint8_t>(id.text().size());
  id.text().copy(fresh.id, fresh.id_size);
  slots_[again.slot].store((id_hash & tag_mask) | (index + 1), std::memory_order_release);
  // Pairs with the acquire in size: whoever sees the number sees that many entries.
  size_.store(index + 1, std::memory_order_release);
  return &fresh.value;
}

counter_table::item counter_table::at(std::uint32_t index) const noexcept {
  const entry& which = entries_[index];
  return {{which.id, which.id_size}, which.value.load(std::memory_order_relaxed)};
}

}  // namespace turnomatic::memory
