// The highest turn that this instance has issued, per id.
#pragma once

#include <turnomatic/counter_id.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace turnomatic::redis {

/// What a store must not be behind. Remembers a bounded number of ids; one that has not been used
/// for a while gives way, and turns of it that the store loses are then handed out again. About 110
/// bytes an id, as they come.
///
/// Thread-safe: split into shards by the id's hash, each under a mutex of its own, which two
/// workers rarely want at once.
class high_water_table {
 public:
  using mark = std::pair<counter_id, std::uint64_t>;

  /// Where an id was found, null if it was not: spares `raise` the search. Valid as long as the
  /// table; if the id has given way since, it is of no use and does no harm.
  using place = void*;

  static constexpr std::size_t shard_count = 64;

  /// `capacity` in ids, at least one a shard. `seed` keeps clients from choosing ids that collide.
  high_water_table(std::size_t capacity, std::uint64_t seed);
  ~high_water_table();
  high_water_table(const high_water_table&) = delete;
  high_water_table& operator=(const high_water_table&) = delete;

  /// 0 if no turn of `id` was issued, or that was forgotten. Fills `where` if it is known.
  [[nodiscard]] std::uint64_t highest(const counter_id& id, place& where) const;
  /// Turns up to `last` have been issued. Never lowers a mark.
  void raise(const counter_id& id, std::uint64_t last, place where = nullptr);
  /// An operator has moved the counter back: forgets the id.
  void forget(const counter_id& id);

  [[nodiscard]] std::size_t size() const;
  /// A copy of those ids of one shard, 0 to shard_count - 1, that were used again lately, or of the
  /// others.
  [[nodiscard]] std::vector<mark> shard(std::size_t index, bool used_lately) const;

 private:
  struct entry;
  struct shard_state;

  [[nodiscard]] static std::uint32_t shard_of(std::uint64_t hash) noexcept;
  [[nodiscard]] std::uint64_t hash(const counter_id& id) const noexcept;

  const std::uint64_t seed_;
  std::vector<std::unique_ptr<shard_state>> shards_;
};

}  // namespace turnomatic::redis
