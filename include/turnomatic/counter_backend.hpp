// The contract between whoever takes turns and whatever counts them.
#pragma once

#include <turnomatic/counter_id.hpp>
#include <turnomatic/error.hpp>
#include <turnomatic/turn.hpp>

#include <boost/intrusive/list_hook.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace turnomatic {

/// A request to a backend: takes `count` (1 to count_max) consecutive turns of `id`. The range that
/// comes back may be shorter than asked for when the counter ends inside it; it is never empty.
///
/// Owned by the caller, linked by the backend while it waits, so that it costs no allocation. It
/// must stay where it is from the start call until the start call returned a result, `complete` was
/// called, or `cancel` returned true.
class take_operation : public boost::intrusive::list_base_hook<
                           boost::intrusive::link_mode<boost::intrusive::safe_link>> {
 public:
  using result_type = result<turn_range>;
  static constexpr std::uint32_t count_max = 1'000'000;
  static constexpr std::size_t key_size_max = 128;

  take_operation(const take_operation&) = delete;
  take_operation& operator=(const take_operation&) = delete;

  /// Called at most once, on the thread of the worker that started the operation, never from
  /// within a start or cancel call. The operation may be destroyed inside.
  virtual void complete(result_type outcome) noexcept = 0;

  /// After this moment the outcome interests nobody; the backend completes the operation
  /// with deadline_passed (not applied) or outcome_unknown at the latest shortly after it.
  time_point deadline{time_point::max()};
  std::optional<counter_id> id;
  std::uint32_t count{1};
  /// Not empty: a repeat under the same key and id, with the same count, gets the same turns for as
  /// long as the backend remembers it. At most key_size_max bytes; must live as long as this.
  std::string_view key;
  /// Whom limits for each client count it for: equal numbers are one client.
  std::uint64_t client{0};

  /// Set by the backend with too_many_new_ids: how long the client should wait at least.
  duration retry_in{};
  // For the backend, while it holds the operation.
  bool under_way{false};  ///< cannot be withdrawn
  bool doubtful{false};   ///< turns may have been taken for it, and are nobody's

 protected:
  take_operation() = default;
  ~take_operation() = default;
};

/// One worker's access to the counters. An instance is used by one thread only; instances
/// of one process share whatever they need behind it.
///
/// Guarantees, held by the contract test suite for every backend:
///  - a turn is handed out at most once, over all workers (and all instances, where the
///    backend is shared), and the turns of an id are consecutive from 1;
///  - linearizable: a take that starts after another has completed gets larger numbers;
///  - turn_max is handed out, then counter_exhausted; the counter stays;
///  - an error of class retryable or permanent means that no turn was taken.
class counter_backend {
 public:
  virtual ~counter_backend() = default;

  /// Starts the operation and returns its result if that is known at once; otherwise
  /// returns nothing and calls `complete` later. `now` is the caller's reading of the clock;
  /// an operation whose deadline is not after it ends with deadline_passed.
  [[nodiscard]] virtual std::optional<take_operation::result_type> start(take_operation& op,
                                                                         time_point now) = 0;

  /// A take of `id` is likely to be started soon: a chance to have at hand what it will need, while
  /// the caller is at other work. Changes nothing that can be observed.
  virtual void expect(const counter_id& id) noexcept { (void)id; }

  /// Withdraws a take that has not completed. True: it had not been sent, no turn is taken
  /// for it and `complete` will not be called. False: it is under way and `complete` will be.
  [[nodiscard]] virtual bool cancel(take_operation& op) noexcept = 0;

  /// How long a client that was refused for this reason should wait at least; zero: the backend
  /// does not know.
  [[nodiscard]] virtual duration retry_in(errc why, time_point now) const noexcept {
    (void)why;
    (void)now;
    return duration::zero();
  }
};

}  // namespace turnomatic
