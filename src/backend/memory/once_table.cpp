#include "backend/memory/once_table.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace turnomatic::memory {
namespace {

struct seeded_hash {
  std::uint64_t seed;
  std::size_t operator()(const std::string& text) const noexcept {
    return XXH3_64bits_withSeed(text.data(), text.size(), seed);
  }
};

}  // namespace

struct once_table::shard {
  struct record {
    turn_range range;
    time_point until;
  };
  using map = std::unordered_map<std::string, record, seeded_hash>;

  shard(std::size_t limit, std::uint64_t seed) : capacity{limit}, by_key{0, seeded_hash{seed}} {}

  // In the order in which they came. A shorter lifetime than before waits for the longer ones in
  // front of it, which only keeps it longer.
  void forget(time_point now) {
    while (!oldest.empty() && oldest.front()->second.until <= now) {
      by_key.erase(oldest.front()->first);
      oldest.pop_front();
    }
  }

  std::mutex mutex;
  const std::size_t capacity;
  map by_key;
  std::deque<map::value_type*> oldest;  // elements of a map stay where they are
};

once_table::once_table(std::size_t capacity, std::uint64_t seed, duration lifetime)
    : seed_{seed}, lifetime_{lifetime} {
  for (std::size_t i = 0; i < shard_count; ++i)
    shards_.push_back(std::make_unique<shard>(capacity / shard_count, seed));
}

once_table::~once_table() = default;

// By the key alone: a client draws it at random, and ids are few.
once_table::locked_shard once_table::lock(std::string_view id, std::string_view key,
                                          time_point now) {
  const std::uint64_t hash = XXH3_64bits_withSeed(key.data(), key.size(), seed_);
  return {*shards_[hash % shard_count], id, key, now};
}

std::size_t once_table::size() const {
  std::size_t sum = 0;
  for (const auto& each : shards_) {
    const std::scoped_lock lock{each->mutex};
    sum += each->by_key.size();
  }
  return sum;
}

once_table::locked_shard::locked_shard(shard& which, std::string_view id, std::string_view key,
                                       time_point now)
    : shard_{which} {
  text_.append(id).append(1, ':').append(key);  // an id has no colon
  shard_.mutex.lock();
  shard_.forget(now);
}

once_table::locked_shard::~locked_shard() {
  shard_.mutex.unlock();
}

const turn_range* once_table::locked_shard::find() const {
  const auto found = shard_.by_key.find(text_);
  return found == shard_.by_key.end() ? nullptr : &found->second.range;
}

bool once_table::locked_shard::has_room() const noexcept {
  return shard_.by_key.size() < shard_.capacity;
}

void once_table::locked_shard::remember(turn_range range, time_point until) const {
  const auto made = shard_.by_key.emplace(text_, shard::record{range, until}).first;
  shard_.oldest.push_back(&*made);
}

}  // namespace turnomatic::memory
