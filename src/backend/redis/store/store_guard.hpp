// What the workers of an instance know together about one store, and may not count without.
#pragma once

#include "backend/redis/store/halted_counters.hpp"
#include "backend/redis/store/high_water_table.hpp"
#include "backend/redis/store/recovery_part.hpp"
#include "backend/redis/store/store_notes.hpp"

#include <turnomatic/turn.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// How a store can have ceased to be the one that was counted on.
enum class store_loss : std::uint8_t {
  none,
  emptied,    ///< there is no store record: FLUSHALL, or a restart without persistence
  exchanged,  ///< another store id: another store, or one that was founded anew
};

/// What an instance found in a store that came back.
enum class standing : std::uint8_t {
  unknown,   ///< a lane has not asked yet, or has not ended its old connection
  in_place,  ///< every lane's record is where the lane left it, so nothing of ours was lost
  behind,
};

/// Keeps the store id, tells the runs of the server apart, gathers what the lanes of all workers
/// find after a restart.
///
/// A run is one life of the server; runs are numbered as lanes meet them. A lane ends its
/// connection when `run_number` is no longer the one that it got from `meet_run`: a reply to an
/// earlier run may be handed out only before the lane posts what it found in the new one.
///
/// Thread-safe.
class store_guard {
 public:
  struct settings {
    std::string pinned_store_id;  ///< empty: whatever the store has, or a new one
    std::string instance;         ///< the beginning of this instance's name
    std::size_t marked_ids{1'000'000};
    std::uint64_t seed{0};
    std::function<std::string()> draw_token;  ///< 64 random bits as text; any thread
  };

  explicit store_guard(settings config);

  // ---- which store

  /// Whether this instance may found a store where there is none.
  [[nodiscard]] bool may_found() const;
  /// Takes note of the store id that a lane has read; empty: there is none. `was`: the store that
  /// an operator has given up for it, on whatever instance. Not `none`: counting on it would hand
  /// out turns again.
  [[nodiscard]] store_loss meet_store(std::string_view store_id, std::string_view was = {});
  /// Empty until a store was met.
  [[nodiscard]] std::string store_id() const;
  [[nodiscard]] std::string instance() const;
  /// Somebody else goes by our name: a copy of this process.
  void rename_instance();

  /// An operator accepts the store as it is now: the next store that is met is ours. Its counters
  /// are raised to our marks before any lane counts, whatever the policy for losses. Where a store
  /// is founded for that the other instances follow.
  void adopt();
  [[nodiscard]] bool raises_adopted() const noexcept {
    return raises_adopted_.load(std::memory_order_acquire);
  }
  void adopted_raised() noexcept { raises_adopted_.store(false, std::memory_order_release); }

  /// A lane sees the wrong store, or no longer does: only that lane can say so. The others have to
  /// connect anew, to see it as well.
  void lane_lost(std::size_t lane, store_loss how);
  void lane_recovered(std::size_t lane);
  /// Of any lane.
  [[nodiscard]] store_loss loss() const noexcept { return loss_.load(std::memory_order_acquire); }
  /// A store was reached and found good since the start.
  [[nodiscard]] bool is_known() const noexcept { return known_.load(std::memory_order_acquire); }
  void note_known() noexcept { known_.store(true, std::memory_order_release); }

  // ---- runs and recovery

  /// Each lane once, before the first run. Returns its number. `wake` is called from any thread
  /// when another lane has met a later run: the lane is to look at `run_number` soon.
  [[nodiscard]] std::size_t join(std::function<void()> wake);
  /// The lane is connected to a server in this run.
  [[nodiscard]] std::uint64_t meet_run(std::size_t lane, std::string_view run);
  /// The store has answered the lane, which entered it in the run with that number, that it is
  /// closed; `closing` is the number that the store gives it. If that is not what other lanes know,
  /// they are made to end their connections as after a restart. Returns the number of the run from
  /// then on.
  [[nodiscard]] std::uint64_t meet_closing(std::size_t lane, std::uint64_t run_number,
                                           std::string_view closing);
  /// As the store numbers it; empty while it is open, or not known.
  [[nodiscard]] std::string closing() const;
  /// The lane has ended its connection.
  void note_ended(std::size_t lane);
  /// No lane is connected to an earlier run: nothing is handed out any more that the marks do not
  /// know.
  [[nodiscard]] bool all_have_ended() const;
  [[nodiscard]] std::uint64_t run_number() const noexcept {
    return run_number_.load(std::memory_order_acquire);
  }
  /// A lane has ended its connections to earlier runs and asked in this one. In another run than
  /// the current it counts for nothing.
  void post(std::size_t lane, std::uint64_t run_number, standing found);
  [[nodiscard]] standing found_by(std::size_t lane) const;
  /// Of the instance in the current run.
  [[nodiscard]] standing found() const;
  /// A lane has given up a record: from then on this instance raises its marks after each restart.
  void note_given_up();

  /// One lane speaks for the instance while the store is closed, for as long as it keeps what this
  /// returns. Null: another lane does, or the run with that number is over.
  [[nodiscard]] std::shared_ptr<recovery_part> claim_part(std::uint64_t run_number);
  /// Nothing while the store is open, as far as this instance knows.
  [[nodiscard]] std::optional<time_point> recovering_since() const;
  /// A lane that entered the store in the run with that number counts.
  void note_open(std::uint64_t run_number);

  high_water_table marks;
  halted_counters halted;
  store_notes notes;

 private:
  struct lane_standing {
    std::function<void()> wake;
    std::uint64_t run{0};  // that it is connected to; 0: it is not connected
    store_loss loss{store_loss::none};
    standing found{standing::unknown};  // in the current run
  };

  struct closed_store {
    std::optional<std::string> closing{};  // empty: the store is open; nothing: not known
    std::shared_ptr<recovery_part> part{std::make_shared<recovery_part>()};
    std::weak_ptr<recovery_part> claimed{};
  };

  void publish_loss();
  void begin_run();
  void wake_earlier() const;  // lanes that are connected to an earlier run

  const settings settings_;
  mutable std::mutex mutex_;
  std::string store_id_;
  std::string instance_;
  std::string run_;
  bool adopting_{false};
  bool gave_up_{false};
  std::vector<lane_standing> lanes_;
  closed_store closed_;  // in the current run
  std::atomic<std::uint64_t> run_number_{0};
  std::atomic<store_loss> loss_{store_loss::none};
  std::atomic<bool> known_{false};
  std::atomic<bool> raises_adopted_{false};
};

}  // namespace turnomatic::redis
