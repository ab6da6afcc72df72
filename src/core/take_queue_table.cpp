#include "core/take_queue_table.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cassert>

namespace turnomatic {
namespace {

constexpr std::size_t buckets_min = 64;  // a power of two

}  // namespace

std::size_t take_queue_table::id_hash::operator()(const counter_id& id) const noexcept {
  const std::string_view text = id.text();
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

std::size_t take_queue_table::id_hash::operator()(const take_queue& of) const noexcept {
  return (*this)(of.id);
}

take_queue_table::take_queue_table(std::uint64_t seed)
    : buckets_(buckets_min), queues_{{buckets_.data(), buckets_.size()}, id_hash{seed}} {}

take_queue_table::~take_queue_table() = default;

take_queue* take_queue_table::find(const counter_id& id) noexcept {
  const auto found = queues_.find(id, queues_.hash_function(), queues_.key_eq());
  return found == queues_.end() ? nullptr : &*found;
}

take_queue& take_queue_table::find_or_create(const counter_id& id) {
  queue_set::insert_commit_data place;
  const auto [found, absent] =
      queues_.insert_check(id, queues_.hash_function(), queues_.key_eq(), place);
  if (!absent)
    return *found;
  take_queue* made = nullptr;
  if (unused_.empty()) {
    made = &all_.emplace_back(id);
  } else {
    made = &unused_.front();
    unused_.pop_front();
    made->id = id;
  }
  queues_.insert_commit(*made, place);
  if (queues_.size() > buckets_.size())
    grow();
  return *made;
}

void take_queue_table::erase(take_queue& queue) noexcept {
  assert(queue.size == 0 && queue.batches == 0);
  queues_.erase(queues_.iterator_to(queue));
  unused_.push_front(queue);  // the latest is in the cache
}

void take_queue_table::grow() {
  std::vector<queue_set::bucket_type> more(2 * buckets_.size());
  queues_.rehash({more.data(), more.size()});
  buckets_.swap(more);
}

}  // namespace turnomatic
