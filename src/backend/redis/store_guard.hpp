// What the lanes of one instance know together about the store, and may not count without.
#pragma once

#include "backend/redis/fence_table.hpp"

#include <turnomatic/turn.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// How a store can have lost what it held.
enum class store_loss : std::uint8_t {
  none,
  emptied,    ///< the genesis token is gone: FLUSHALL, or a restart without persistence
  exchanged,  ///< another token: another store, or one that was set up anew
};

/// What a lane that has reached a store may do.
enum class admission : std::uint8_t {
  count,   ///< take turns
  raise,   ///< first raise all counters to the fences, then say `raised`
  wait,    ///< another lane is at it; ask again soon
  halted,  ///< no turns: the store has lost what was issued
};

/// Tells a first start from a loss, and a restart from a connection that was cut.
///
/// The genesis token is drawn when a store is first used and kept in it; while it is there the
/// store is the one that this instance has counted on. The epoch stands for the server as it runs
/// now (greeting::epoch): when it changes, what was not persisted or not replicated may be gone, so
/// the first lane to notice raises the counters to what this instance has issued, and the others
/// wait for it.
///
/// Thread-safe. Lanes ask when they connect or meet a loss; `halted` and the fences are for every
/// batch.
class store_guard {
 public:
  /// An id whose counter was found behind what had been issued.
  struct lost_counter {
    std::string id;
    std::uint64_t found;   ///< where the counter stood
    std::uint64_t issued;  ///< what this instance had issued
  };

  /// `expected_genesis` may be empty: whatever the store has, or a new one.
  store_guard(std::string expected_genesis, std::size_t fenced_ids, std::uint64_t seed);

  /// A lane has reached a store that holds `genesis` (empty: none) in this `epoch`.
  [[nodiscard]] admission arrive(std::string_view genesis, std::string_view epoch);
  /// The lane that was told to raise has done so, or could not.
  void raised(bool done);
  /// Why a connection failed or ended, for people.
  void note_trouble(std::string_view why);
  /// The latest; empty if there was none.
  [[nodiscard]] std::string trouble() const;
  /// How often lanes were told to raise; until one has done so, further ones do not count. Counted
  /// before it is told: a lane that makes turns known to the fences and then finds this as it was
  /// knows that they are among what is raised to next.
  [[nodiscard]] std::uint64_t raisings() const noexcept { return raisings_.load(); }
  /// The store answered that its genesis is not the one that a lane has counted on. False: that is
  /// not what the instance counts on any more, another lane has met a store that was adopted.
  [[nodiscard]] bool lose(store_loss how, std::string_view counted_on);

  /// The token that the store must hold; empty until a first lane has arrived.
  [[nodiscard]] std::string genesis() const;
  [[nodiscard]] store_loss loss() const noexcept { return loss_.load(std::memory_order_acquire); }
  [[nodiscard]] bool halted() const noexcept { return loss() != store_loss::none; }
  /// Whether a store has been reached and found good since the start.
  [[nodiscard]] bool known() const noexcept { return known_.load(std::memory_order_acquire); }

  /// An operator accepts the store as it is now: the next lane to arrive takes its genesis for
  /// ours (or gives it one), raises, and counting goes on, also of the ids that are behind.
  void adopt();
  /// Whether what is being raised goes on whatever the policy for losses: it was adopted.
  [[nodiscard]] bool raising_adopted() const;
  /// Whether a store without a genesis may be given one by this instance.
  [[nodiscard]] bool may_found() const;

  /// The counter of `id` was behind. Remembered until it has counted again; false if it was
  /// known already. At most `lost_counters_max` are kept; beyond that an id is counted as a loss
  /// each time.
  bool note_behind(const lost_counter& which);
  void note_counting_again(std::string_view id);
  /// A counter was behind and was raised without a halt: the policy is to go on. A loss, unless it
  /// is part of one that an operator has accepted.
  void note_skipped();
  [[nodiscard]] std::vector<lost_counter> behind() const;
  [[nodiscard]] bool is_behind(std::string_view id) const;
  [[nodiscard]] bool any_behind() const noexcept {
    return behind_size_.load(std::memory_order_relaxed) > 0;
  }
  [[nodiscard]] std::uint64_t losses() const noexcept {
    return losses_.load(std::memory_order_relaxed);
  }

  fence_table fences;

  static constexpr std::size_t lost_counters_max = 1000;

 private:
  mutable std::mutex mutex_;
  std::string genesis_;
  std::string epoch_;
  std::string trouble_;
  bool raising_{false};
  bool unfinished_{false};  // none has raised since the last that counted was told to
  bool adopting_{false};
  bool raising_adopted_{false};
  std::map<std::string, lost_counter, std::less<>> behind_;
  std::atomic<store_loss> loss_{store_loss::none};
  std::atomic<bool> known_{false};
  std::atomic<std::uint64_t> raisings_{0};
  std::atomic<std::size_t> behind_size_{0};
  std::atomic<std::uint64_t> losses_{0};
};

}  // namespace turnomatic::redis
