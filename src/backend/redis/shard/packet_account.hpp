// The packet that is under way, and what becomes of its batches.
#pragma once

#include "backend/redis/shard/take_protocol.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/commands.hpp"
#include "core/coalescer.hpp"
#include "core/new_id_limit.hpp"

#include <turnomatic/config.hpp>
#include <turnomatic/counter_id.hpp>
#include <turnomatic/error.hpp>
#include <turnomatic/store_observer.hpp>
#include <turnomatic/turn.hpp>

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// Sees each batch to its end: hands its turns out, fails it or lets it wait again, and accounts
/// for every turn that was taken, or may have been, and reaches nobody.
///
/// Without I/O. Used by one thread; what it refers to must outlive it.
class packet_account {
 public:
  struct dependencies {
    coalescer& waiting;
    store_guard& guard;
    store_observer& events;
    new_id_limit* new_ids{nullptr};  ///< null: no limit
  };

  explicit packet_account(const dependencies& parts) : parts_{parts} {}

  /// Takes up what waits, with the marks of the ids as they are now. False: nothing does. Only
  /// while no packet is under way.
  [[nodiscard]] bool fill(time_point now);
  /// Batches that are under way.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Some of these may have ended before they were sent.
  [[nodiscard]] const packet& batches() const noexcept { return batches_; }
  /// Parallel to `batches`.
  [[nodiscard]] std::span<const std::uint64_t> marks() const noexcept { return marks_; }

  // How a packet ends. Each leaves none under way.

  /// As the lane has found; nothing, where there was no packet. `took`: since it was sent. `late`:
  /// why turns reach nobody whose takes have ended by now. True: it was executed, and its results
  /// are known.
  [[nodiscard]] bool end(const take_protocol::verdict& found, duration took, burn_reason late,
                         time_point now);
  /// The store refused it before it looked at it.
  void refused() { wait_again(false); }
  /// Its turns may have been taken, and are not to be had any more.
  void unknown();
  /// Certainly not executed, and there is no use in waiting.
  void fail(errc why);

  /// The store forgot where the lane stood: a packet that it had not executed may have been, after
  /// what said so was lost.
  void burn_doubts();

 private:
  /// A batch that was found not executed.
  struct doubt {
    time_point since;
    counter_id id;
    std::uint64_t turns;
  };

  void executed(const reply& results, duration took, burn_reason late);
  void not_executed(time_point now);
  void doubtful();
  void wait_again(bool doubtful);
  void settle(std::size_t index, const take_result& result, burn_reason late);
  void hand_out(std::size_t index, const take_result& result, burn_reason late);
  void refuse(std::size_t index, std::string_view error);
  void fail(std::size_t index, errc why);
  [[nodiscard]] bool is_new(std::size_t index) const;
  void charge(time_point now);
  void uncharge(std::size_t index);
  void burn(burn_reason reason, std::uint64_t turns, const counter_id& id,
            std::string_view why = {});
  void clear() noexcept;

  /// A command that waits in a buffer of a connection that is gone does so no longer than this.
  static constexpr duration doubt_lifetime = std::chrono::minutes{10};
  static constexpr std::size_t doubts_max = 4096;

  const dependencies parts_;
  packet batches_;
  std::size_t size_{0};
  std::vector<std::uint64_t> marks_;
  std::vector<high_water_table::place> places_;
  std::deque<doubt> doubts_;  // oldest first
};

}  // namespace turnomatic::redis
