#include "core/packet.hpp"

#include "core/take_queue_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace turnomatic {

void packet::clear() noexcept {
  assert(std::none_of(begin(), end(), [](const batch& each) { return each.under_way(); }));
  hook_.unlink();
  batches_.clear();
  if (!keyed_.empty())
    std::fill(key_hashes_.begin(), key_hashes_.end(), 0);
  keyed_.clear();
  keys_.clear();
  bytes_ = 0;
}

// Batches and the characters of their keys stay where they are while the packet is filled.
void packet::reserve(const packet_limits& limits) {
  batches_.reserve(limits.batches_max);
  keyed_.reserve(limits.batches_max);
  keys_.reserve(std::max(limits.bytes_max, take_operation::key_size_max));
  if (key_hashes_.size() < 2 * limits.batches_max)
    key_hashes_.resize(std::bit_ceil(2 * limits.batches_max));
}

// The first batch always has: otherwise a take that is larger than any packet would wait in vain,
// and all others after it.
bool packet::has_room_for(const take_operation& first, const packet_limits& limits) const noexcept {
  const std::size_t batches = batches_.size() + keyed_.size();
  return batches == 0 || (batches < limits.batches_max &&
                          bytes_ + first.id->text().size() + first.key.size() <= limits.bytes_max);
}

// False: it was there. That two keys of an id are taken for one, once in 2^64, does no harm.
bool packet::remember_key(std::uint64_t hash) noexcept {
  hash |= 1;  // not free
  const std::size_t mask = key_hashes_.size() - 1;
  std::size_t at = (hash >> 1) & mask;
  for (; key_hashes_[at] != 0; at = (at + 1) & mask) {
    if (key_hashes_[at] == hash)
      return false;
  }
  key_hashes_[at] = hash;
  return true;
}

batch& packet::append(take_queue& queue, const take_operation& first) {
  assert(batches_.size() < batches_.capacity());
  batch& made = batches_.emplace_back(*first.id, first.client);
  made.queue_ = &queue;
  return made;
}

void packet::count_batch(take_queue& queue, const take_operation& first) noexcept {
  bytes_ += first.id->text().size() + first.key.size();
  ++queue.batches;
}

void packet::append_keyed() {
  for (const keyed_take& each : keyed_) {
    batch& made = append(*each.queue, *each.take);
    const std::size_t begin = keys_.size();
    assert(begin + each.take->key.size() <= keys_.capacity());
    keys_.append(each.take->key);
    made.key = std::string_view{keys_}.substr(begin);
    made.turns = each.take->count;
    made.takes_.push_back(*each.take);
  }
}

}  // namespace turnomatic
