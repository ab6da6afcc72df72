#include "backend/memory/once_table.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <queue>
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

// How many keys are given back at once at most: the others wait meanwhile.
constexpr int step = 16;
// How many such steps a sweep makes in each shard: more than there can be new keys between two.
constexpr int steps_of_a_sweep = 1024;

}  // namespace

struct once_table::shard {
  struct record {
    turn_range range;
    time_point until;
  };
  using map = std::unordered_map<std::string, record, seeded_hash>;

  // The end of a key's lifetime. If the key was taken again later, a second one tells of that.
  struct ending {
    time_point when;
    const map::value_type* of;  // elements of a map stay where they are

    friend bool operator>(const ending& a, const ending& b) noexcept { return a.when > b.when; }
  };

  shard(std::size_t limit, std::uint64_t seed) : capacity{limit}, by_key{0, seeded_hash{seed}} {}

  // Forgets some of what has ended. False if none is left.
  bool forget_some(time_point now) {
    for (int i = 0; i < step; ++i) {
      if (endings.empty() || endings.top().when > now)
        return false;
      const ending soonest = endings.top();
      endings.pop();
      if (soonest.of->second.until == soonest.when)
        by_key.erase(soonest.of->first);
    }
    return true;
  }

  std::mutex mutex;
  const std::size_t capacity;
  map by_key;
  // The soonest on top: a key that came later under a shorter lifetime may end before others.
  std::priority_queue<ending, std::vector<ending>, std::greater<>> endings;
};

once_table::once_table(std::size_t capacity, std::uint64_t seed, duration lifetime)
    : seed_{seed}, capacity_{capacity}, lifetime_{lifetime} {
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

void once_table::sweep(time_point now) {
  for (const auto& each : shards_) {
    for (int i = 0; i < steps_of_a_sweep; ++i) {
      const std::scoped_lock lock{each->mutex};
      if (!each->forget_some(now))
        break;
    }
  }
}

bool once_table::refuses_some() const {
  return std::any_of(shards_.begin(), shards_.end(), [](const auto& each) {
    const std::scoped_lock lock{each->mutex};
    return each->by_key.size() >= each->capacity;
  });
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
  shard_.forget_some(now);
}

once_table::locked_shard::~locked_shard() {
  shard_.mutex.unlock();
}

const turn_range* once_table::locked_shard::find(time_point now) const {
  const auto found = shard_.by_key.find(text_);
  const bool stands = found != shard_.by_key.end() && found->second.until > now;
  return stands ? &found->second.range : nullptr;
}

bool once_table::locked_shard::has_room() const noexcept {
  return shard_.by_key.size() < shard_.capacity;
}

void once_table::locked_shard::remember(turn_range range, time_point until) const {
  const auto made = shard_.by_key.insert_or_assign(text_, shard::record{range, until}).first;
  shard_.endings.push({until, &*made});
}

}  // namespace turnomatic::memory
