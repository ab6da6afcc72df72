#include "backend/redis/store/high_water_table.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace turnomatic::redis {
namespace {

// The hash is computed once, by the table.
struct hashed_text {
  std::string_view text;
  std::uint64_t hash;

  friend bool operator==(const hashed_text& a, const hashed_text& b) noexcept {
    return a.hash == b.hash && a.text == b.text;
  }
};

struct take_hash {
  using is_avalanching = void;
  std::size_t operator()(const hashed_text& of) const noexcept { return of.hash; }
};

}  // namespace

struct high_water_table::entry {
  entry(const counter_id& of, std::uint32_t in) : shard{in}, id{of} {}

  std::uint64_t last{0};
  const std::uint32_t shard;
  bool used{false};  // since the hand was here
  counter_id id;
};

// Entries give way in the manner of a clock: a hand goes round and takes the first that was not
// used since it was there before. One that comes does not count as used: many ids that are asked
// for once must not push out those that are asked for again and again. Keeping them in the order of
// use would touch three of them, far apart in memory, at each use.
struct high_water_table::shard_state {
  using map = boost::unordered_flat_map<hashed_text, entry*, take_hash>;

  mutable std::mutex mutex;
  std::size_t capacity{1};
  std::deque<entry> entries;  // stay where they are
  std::size_t hand{0};
  map by_id;

  entry& replaceable(std::uint64_t seed) {
    for (;; hand = (hand + 1) % entries.size()) {
      entry& e = entries[hand];
      if (std::exchange(e.used, false))
        continue;
      const std::string_view text = e.id.text();
      const auto known = by_id.find({text, XXH3_64bits_withSeed(text.data(), text.size(), seed)});
      if (known != by_id.end() && known->second == &e)  // a forgotten id may have come again
        by_id.erase(known);
      hand = (hand + 1) % entries.size();
      return e;
    }
  }
};

high_water_table::high_water_table(std::size_t capacity, std::uint64_t seed) : seed_{seed} {
  for (std::size_t i = 0; i < shard_count; ++i) {
    shards_.push_back(std::make_unique<shard_state>());
    shards_.back()->capacity = std::max<std::size_t>(1, capacity / shard_count);
  }
}

high_water_table::~high_water_table() = default;

std::uint64_t high_water_table::hash(const counter_id& id) const noexcept {
  return XXH3_64bits_withSeed(id.text().data(), id.text().size(), seed_);
}

// By the upper bits: the map within a shard uses the others.
std::uint32_t high_water_table::shard_of(std::uint64_t hash) noexcept {
  static_assert(shard_count == 64);
  return static_cast<std::uint32_t>(hash >> 58U);
}

std::uint64_t high_water_table::highest(const counter_id& id, place& where) const {
  const std::uint64_t id_hash = hash(id);
  shard_state& shard = *shards_[shard_of(id_hash)];
  const std::scoped_lock lock{shard.mutex};
  const auto found = shard.by_id.find({id.text(), id_hash});
  if (found == shard.by_id.end()) {
    where = nullptr;
    return 0;
  }
  where = found->second;
  found->second->used = true;
  return found->second->last;
}

void high_water_table::raise(const counter_id& id, std::uint64_t last, place where) {
  if (auto* const known = static_cast<entry*>(where)) {
    const std::scoped_lock lock{shards_[known->shard]->mutex};
    if (known->id == id && known->last > 0) {
      known->last = std::max(known->last, last);
      return;
    }
  }
  const std::uint64_t id_hash = hash(id);
  const std::uint32_t index = shard_of(id_hash);
  shard_state& shard = *shards_[index];
  const std::scoped_lock lock{shard.mutex};
  if (const auto found = shard.by_id.find({id.text(), id_hash}); found != shard.by_id.end()) {
    found->second->last = std::max(found->second->last, last);
    return;
  }
  entry& e = shard.entries.size() < shard.capacity ? shard.entries.emplace_back(id, index)
                                                   : shard.replaceable(seed_);
  e.id = id;
  e.last = last;
  e.used = false;
  shard.by_id.emplace(hashed_text{e.id.text(), id_hash}, &e);
}

// Its entry is the next to give way.
void high_water_table::forget(const counter_id& id) {
  const std::uint64_t id_hash = hash(id);
  shard_state& shard = *shards_[shard_of(id_hash)];
  const std::scoped_lock lock{shard.mutex};
  const auto found = shard.by_id.find({id.text(), id_hash});
  if (found == shard.by_id.end())
    return;
  found->second->last = 0;
  found->second->used = false;
  shard.by_id.erase(found);
}

std::size_t high_water_table::size() const {
  std::size_t sum = 0;
  for (const auto& shard : shards_) {
    const std::scoped_lock lock{shard->mutex};
    sum += shard->by_id.size();
  }
  return sum;
}

std::vector<high_water_table::mark> high_water_table::shard(std::size_t index,
                                                            bool used_lately) const {
  const shard_state& from = *shards_[index];
  const std::scoped_lock lock{from.mutex};
  std::vector<mark> copy;
  for (const auto& [text, e] : from.by_id) {
    if (e->used == used_lately)
      copy.emplace_back(e->id, e->last);
  }
  return copy;
}

}  // namespace turnomatic::redis
