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
/// for a while gives way, and is then protected by the store's genesis alone. About 110 bytes an
/// id, as they come.
///
/// Thread-safe: split into shards by the id's hash, each under a mutex of its own, which two
/// workers rarely want at once.
class fence_table {
 public:
  using fence = std::pair<counter_id, std::uint64_t>;

  /// Where an id was found, null if it was not: spares `raise` the search. Valid as long as the
  /// table; if the id has given way meanwhile it is of no use, and does no harm.
  using place = void*;

  static constexpr std::size_t shard_count = 64;

  /// `capacity` in ids, at least one a shard. `seed` keeps clients from choosing ids that collide.
  fence_table(std::size_t capacity, std::uint64_t seed);
  ~fence_table();
  fence_table(const fence_table&) = delete;
  fence_table& operator=(const fence_table&) = delete;

  /// 0 if no turn of `id` was issued, or that was forgotten. Fills `where` if it is known.
  [[nodiscard]] std::uint64_t highest(const counter_id& id, place& where) const;
  /// Turns up to `last` have been issued. Never lowers a fence.
  void raise(const counter_id& id, std::uint64_t last, place where = nullptr);
  /// An operator has moved the counter back: forgets the id.
  void forget(const counter_id& id);

  [[nodiscard]] std::size_t size() const;
  /// A copy of one shard, 0 to shard_count - 1.
  [[nodiscard]] std::vector<fence> shard(std::size_t index) const;

 private:
  struct entry;
  struct shard_state;

  [[nodiscard]] static std::uint32_t shard_of(std::uint64_t hash) noexcept;
  [[nodiscard]] std::uint64_t hash(const counter_id& id) const noexcept;

  const std::uint64_t seed_;
  std::vector<std::unique_ptr<shard_state>> shards_;
};

}  // namespace turnomatic::redis
