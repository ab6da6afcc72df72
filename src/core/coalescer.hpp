// Many requests for one id, one increment.
#pragma once

#include <turnomatic/counter_backend.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic {

using take_list =
    boost::intrusive::list<take_operation, boost::intrusive::constant_time_size<false>>;

/// The requests of one id that share an increment, seen by whoever has it executed. Valid until
/// it is settled, failed or given back.
struct batch {
  counter_id id;
  std::uint64_t turns{0};   ///< asked for by all its requests together, at least 1
  std::uint64_t client{0};  ///< of its first request
  std::string once{};       ///< the key of its only request, if that has one

  // For the one who sends it; the coalescer only sets them to zero.
  std::uint64_t sequence{0};
  std::uint64_t fence{0};
  std::uint64_t raisings{0};
  std::uint32_t sendings{0};
  void* place{nullptr};
};

/// Gathers the takes of one worker by id. One batch per id is under way at most; what comes
/// meanwhile forms the next. So nothing waits for a timer, every request was pending when its
/// batch was sent, and the work of a store grows with batches and not with requests. Only a request
/// with a key (take_operation::once) is a batch of its own.
///
/// Ids are served in turn, requests of an id in the order of their arrival. Without I/O: the owner
/// asks for batches when it can send and says what became of them. Completes operations from
/// within its functions, except `enqueue` and `cancel`; they may enqueue others meanwhile.
/// Used by one thread. Operations that it holds must outlive it.
class coalescer {
 public:
  struct settings {
    std::uint64_t batch_max{1000};         ///< turns; a larger request is a batch of its own
    std::size_t queue_max{20'000};         ///< requests waiting
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

  /// The next batch to send, or null if nobody waits for one that could be sent now. Requests
  /// whose deadline has passed leave before.
  [[nodiscard]] batch* next(time_point now);

  /// The batch was executed: hands its turns out in the order of arrival. `range` may be shorter
  /// than what was asked for if the counter ended. Returns how many turns nobody waits for any
  /// more.
  std::uint64_t settle(batch& which, turn_range range);
  /// The batch failed; so do its requests. `retry_in` is for too_many_new_ids.
  void fail(batch& which, errc why, duration retry_in = {});
  /// As `fail` for those of its requests that come from batch::client; the others wait again.
  void fail_client(batch& which, errc why, duration retry_in);
  /// The batch was certainly not executed: its requests wait again, before all others of its id.
  void give_back(batch& which);

  /// Ends the requests whose deadline has passed: those that wait with deadline_passed, those
  /// under way with outcome_unknown. Their batch stays under way. Returns how many there were.
  std::size_t expire(time_point now);
  /// No request that is held has an earlier deadline.
  [[nodiscard]] time_point earliest_deadline() const noexcept { return earliest_; }
  /// Ends all requests that wait.
  void fail_waiting(errc why);

  /// Whether anybody still waits for a batch that is under way.
  [[nodiscard]] bool wanted(const batch& which) const noexcept;
  /// Requests that wait, without those under way.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  [[nodiscard]] bool idle() const noexcept { return ids_.empty(); }

 private:
  // In ready_ if and only if something waits and nothing is under way.
  struct entry : batch, boost::intrusive::list_base_hook<> {
    explicit entry(const counter_id& of) : batch{of} {}

    take_list waiting;  // oldest first
    std::size_t waiting_size{0};
    take_list served;  // the requests of the batch under way
    bool under_way{false};
  };
  struct hash {
    using is_avalanching = void;
    std::uint64_t seed;
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept;
  };
  using ready_list = boost::intrusive::list<entry, boost::intrusive::constant_time_size<false>>;

  [[nodiscard]] entry& entry_of(const counter_id& id);
  void release(entry& e) noexcept;
  void end(entry& e);
  void drop_expired(entry& e, time_point now);
  [[nodiscard]] std::size_t sort_out(take_list& from, time_point now, take_list& late);
  static void complete_all(take_list& operations, errc why);

  settings limits_;
  std::deque<entry> all_;
  std::vector<entry*> free_;
  boost::unordered_flat_map<std::string_view, entry*, hash> ids_;  // of what is held
  ready_list ready_;  // with requests that wait and nothing under way, next first
  std::size_t waiting_{0};
  time_point earliest_{time_point::max()};
};

}  // namespace turnomatic
