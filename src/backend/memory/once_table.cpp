#include "backend/memory/once_table.hpp"

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace turnomatic::memory {
namespace {

namespace bmi = boost::multi_index;

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
    std::string text;  // id and key
    turn_range range;
    time_point until;
  };
  struct by_text;
  struct by_end;
  // By its end as well: a key that came later under a shorter lifetime may end before others.
  using table = bmi::multi_index_container<
      record, bmi::indexed_by<
                  bmi::hashed_unique<bmi::tag<by_text>,
                                     bmi::member<record, std::string, &record::text>, seeded_hash>,
                  bmi::ordered_non_unique<bmi::tag<by_end>,
                                          bmi::member<record, time_point, &record::until>>>>;

  shard(std::size_t limit, std::uint64_t seed)
      : capacity{limit}, records{table::ctor_args_list{{0, {}, seeded_hash{seed}, {}}, {}}} {}

  // Forgets some of what has ended. False if none is left.
  bool forget_some(time_point now) {
    auto& soonest_first = records.get<by_end>();
    for (int i = 0; i < step; ++i) {
      if (soonest_first.empty() || soonest_first.begin()->until > now)
        return false;
      soonest_first.erase(soonest_first.begin());
    }
    return true;
  }

  std::mutex mutex;
  const std::size_t capacity;
  table records;
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
    return each->records.size() >= each->capacity;
  });
}

std::size_t once_table::size() const {
  std::size_t sum = 0;
  for (const auto& each : shards_) {
    const std::scoped_lock lock{each->mutex};
    sum += each->records.size();
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
  const auto& known = shard_.records.get<shard::by_text>();
  const auto found = known.find(text_);
  const bool stands = found != known.end() && found->until > now;
  return stands ? &found->range : nullptr;
}

bool once_table::locked_shard::has_room() const noexcept {
  return shard_.records.size() < shard_.capacity;
}

void once_table::locked_shard::remember(turn_range range, time_point until) const {
  auto& known = shard_.records.get<shard::by_text>();
  const shard::record made{text_, range, until};
  // What was there has ended and was not forgotten yet.
  if (const auto [at, inserted] = known.insert(made); !inserted)
    known.replace(at, made);
}

}  // namespace turnomatic::memory
