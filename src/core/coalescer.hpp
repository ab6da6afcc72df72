// Many requests for one id, one increment; many ids, one command.
#pragma once

#include "core/packet.hpp"
#include "core/take_queue_table.hpp"

#include <turnomatic/counter_backend.hpp>

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>

namespace turnomatic {

/// Gathers the takes of one worker, twice: those of one id that wait together share a batch, and
/// the batches of many ids share a packet. An id whose batches are under way is in no other packet;
/// what comes for it in the meantime forms the next. So nothing waits for a timer, every take was
/// pending when its packet was sent, and the work of a store grows with packets and ids, not with
/// requests.
///
/// A take under a key (take_operation::key) is a batch of its own. The batches of one id in a
/// packet may be executed in any order, since all of them waited when it was filled. Two takes of
/// one id under the same key never share a packet: the second is to find what the first left in the
/// store.
///
/// Ids are served in turn, takes of an id in the order of their arrival. Without I/O: the owner
/// fills a packet when it can send one, and says what became of each batch. Operations are
/// completed from within these functions, except `enqueue` and `cancel`, and may enqueue others and
/// withdraw any when they are. Used by one thread. Operations that it holds must outlive it.
class coalescer {
 public:
  struct settings {
    std::uint64_t batch_max{1000};         ///< turns; a larger take is a batch of its own
    std::size_t queue_max{20'000};         ///< takes that wait
    std::size_t queue_max_per_id{20'000};  ///< of one id
  };

  /// `seed` keeps clients from choosing ids that collide.
  coalescer(const settings& limits, std::uint64_t seed);
  ~coalescer();
  coalescer(const coalescer&) = delete;
  coalescer& operator=(const coalescer&) = delete;

  void apply(const settings& limits) noexcept { limits_ = limits; }

  /// False if a queue is full; then the operation is not held.
  [[nodiscard]] bool enqueue(take_operation& op);
  /// True if it was waiting: then it is not held any more.
  [[nodiscard]] bool cancel(take_operation& op) noexcept;

  /// Moves what waits into `into`, which is empty. Each id gets one batch before any gets its next;
  /// what does not fit stays first in line. A batch that is larger than bytes_max goes alone. Takes
  /// whose deadline has passed end; what is enqueued as they do waits for the next packet.
  void fill(packet& into, const packet_limits& limits, time_point now);

  /// The batch was executed: hands its turns out in the order of arrival. `range` may be shorter
  /// than what was asked for if the counter ended. Returns how many turns nobody waits for any
  /// more.
  std::uint64_t settle(batch& executed, turn_range range);
  /// The batch failed; so do its takes. `retry_in` is for too_many_new_ids.
  void fail(batch& failed, errc why, duration retry_in = {});
  /// As `fail` for those of its takes that come from batch::client; the others are given back.
  void fail_client(batch& failed, errc why, duration retry_in);
  /// The batch was certainly not executed: its takes wait again, before all others of its id. Of
  /// several batches of one id the one that is given back first comes first. `doubtful`: it may
  /// have been executed by a store that has lost it since; whatever goes wrong with its takes from
  /// then on ends them with outcome_unknown.
  void give_back(batch& unexecuted, bool doubtful = false);

  /// Ends the takes whose deadline has passed: those that wait with deadline_passed, those under
  /// way with outcome_unknown. Their batch stays under way. Returns how many there were.
  std::size_t expire(time_point now);
  /// No take that is held has an earlier deadline.
  [[nodiscard]] time_point earliest_deadline() const noexcept { return earliest_; }
  /// Ends all takes that wait.
  void fail_waiting(errc why);

  /// Takes that wait, without those under way.
  [[nodiscard]] std::size_t waiting_count() const noexcept { return waiting_count_; }
  /// Nothing waits and nothing is under way.
  [[nodiscard]] bool idle() const noexcept { return queues_.empty(); }

 private:
  enum class visit : std::uint8_t {
    finished,  // nothing is left that this packet may carry
    more,      // there is another batch for it
    full       // there is, but no room
  };
  struct filling {
    packet& into;
    const packet_limits& limits;
    time_point now;
    take_list late{};
  };
  using packet_list =
      boost::intrusive::list<packet,
                             boost::intrusive::member_hook<packet, packet::hook, &packet::hook_>,
                             boost::intrusive::constant_time_size<false>>;

  [[nodiscard]] visit serve(take_queue& queue, filling& state);
  [[nodiscard]] bool share(take_queue& queue, filling& state);
  [[nodiscard]] bool set_aside(take_queue& queue, packet& into);
  void take_out(take_queue& queue, std::size_t takes) noexcept;
  void end(batch& ended);
  void drop_if_empty(take_queue& queue) noexcept;
  [[nodiscard]] std::size_t sort_out(take_list& from, time_point now, take_list& late);

  settings limits_;
  const std::uint64_t key_seed_;
  take_queue_table queues_;  // where something waits or is under way
  take_queue_list ready_;    // where something waits and nothing is under way, next first
  packet_list packets_;      // with batches under way
  std::size_t waiting_count_{0};
  time_point earliest_{time_point::max()};
};

}  // namespace turnomatic
