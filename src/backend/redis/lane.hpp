// One worker's way to one store: what is sent, what is waited for, what becomes of it.
#pragma once

#include "backend/redis/greeting.hpp"
#include "backend/redis/resp_codec.hpp"
#include "backend/redis/store_function.hpp"
#include "backend/redis/store_guard.hpp"
#include "core/backoff.hpp"
#include "core/circuit_breaker.hpp"
#include "core/coalescer.hpp"
#include "core/new_id_limit.hpp"
#include "core/retry_budget.hpp"

#include <turnomatic/config.hpp>
#include <turnomatic/counter_backend.hpp>
#include <turnomatic/store_observer.hpp>

#include <boost/circular_buffer.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// The connection of a lane, performed by someone with sockets. It calls the lane's `on_`
/// functions, never from within one of these.
class lane_link {
 public:
  /// Begins to connect: `on_open` or `on_closed` follows, unless `close` comes first.
  virtual void open() = 0;
  /// Ends the connection or the attempt; nothing follows.
  virtual void close() noexcept = 0;
  /// The server can be counted on. One of which this was not said is tried last, if its name has
  /// several addresses.
  virtual void approve() noexcept = 0;
  /// What is appended here leaves with the next `write`.
  [[nodiscard]] virtual std::string& output() noexcept = 0;
  virtual void write() = 0;

 protected:
  ~lane_link() = default;
};

/// Sends the batches of a coalescer, in order and with sequences, and sees each to its end: after a
/// lost connection what was not answered is sent again under its sequence if somebody still waits
/// for it, else it is asked about, so that every turn that was taken is known. Connects, greets,
/// probes when the breaker wants it, and stops where the guard says so.
///
/// A state machine without I/O or clock. Used by one thread; what it refers to must outlive it.
class lane {
 public:
  struct settings {
    redis_guarantee guarantee{redis_guarantee::exact};
    loss_policy on_loss{loss_policy::halt};
    duration connect_timeout{std::chrono::seconds{1}};
    duration stall_timeout{std::chrono::seconds{2}};
    duration ping_interval{std::chrono::seconds{2}};
    duration key_lifetime{std::chrono::seconds{60}};  ///< of what was taken under a key
    backoff_settings reconnect{};
    std::size_t pipeline_max{512};
  };

  struct dependencies {
    lane_link& link;
    coalescer& waiting;
    circuit_breaker& breaker;
    store_guard& guard;
    store_observer& events;
    new_id_limit* new_ids{nullptr};  ///< null: no limit
  };

  /// `seed` is random and different in each lane.
  lane(const dependencies& with, const settings& how, store_commands::settings commands,
       greeting::settings greet, std::uint32_t seed, time_point now);

  void apply(const settings& how);

  /// Sends what waits, as far as there is room, and connects if it is time; where the breaker
  /// allows nothing, refuses what waits. Call it when something has been enqueued, once for many,
  /// and after each call of an `on_` function.
  void pump(time_point now);
  /// Looks at deadlines. Call it at `wake_at` at the latest.
  void tick(time_point now);
  [[nodiscard]] time_point wake_at() const noexcept;

  void on_open(time_point now);
  /// `why` is for people.
  void on_closed(std::string_view why, time_point now);
  void on_reply(const reply& answer, time_point now);

  void peek(peek_operation& op, time_point now);
  void ping(ping_operation& op, time_point now);

  /// Takes the reply to each command of a query, or null, once, when the connection is lost before.
  using query_completion = std::function<void(const reply*)>;
  /// Sends `commands`, which are `count`, one or more, whatever they do; the breaker does not hear
  /// of it. Also while counting is halted. False: there is no connection, nothing was sent.
  [[nodiscard]] bool query(std::string_view commands, std::size_t count, query_completion done,
                           time_point now);
  [[nodiscard]] bool is_open() const noexcept { return phase_ == phase::counting; }
  /// Batches that were sent and whose outcome is not known yet.
  [[nodiscard]] std::size_t under_way() const noexcept { return open_batches_; }

 private:
  /// halted: the guard forbids counting; it is asked again from time to time.
  enum class phase : std::uint8_t { down, opening, greeting, waiting, halted, raising, counting };

  enum class command : std::uint8_t {
    take,
    resolve,
    fast,
    check,  // the genesis, behind fast takes
    greet,
    genesis,  // while halted
    raise,
    catch_up,  // of one counter that fast takes found behind
    library,
    peek,
    ping,
    probe,
    query,
    ignored  // the reply is of no interest
  };

  struct sent {
    command what;
    call_ticket call{};  // of a take: what the breaker counts
    batch* which{nullptr};
    std::uint64_t value{0};  // of fast, once answered: the counter after it
    peek_operation* peek{nullptr};
    ping_operation* ping{nullptr};
  };

  // The connection (lane_connection.cpp).
  void connect(time_point now);
  void lose(store_failure why, std::string_view text, time_point now);
  void give_up_commands();
  void send_greeting(time_point now);
  void on_greeted(const reply& answer, time_point now);
  void arrive(std::string_view genesis, time_point now);
  void begin_counting(time_point now);
  void lose_genesis(store_loss how, time_point now);
  void halt(store_loss how, time_point now);
  [[nodiscard]] bool is_superseded(std::string_view genesis, std::uint64_t known_at) const;
  void connect_anew(time_point now);
  void ask_for_genesis(time_point now);
  void on_genesis(const reply& answer, time_point now);
  void begin_raising(time_point now);
  void send_fences(time_point now);
  void on_raised(const reply& answer, time_point now);
  void keep_connection(time_point now);
  void keep_probing(time_point now);
  void settle_probe(bool succeeded, time_point now);

  // Single commands (lane_single.cpp).
  void send_ping(const sent& as, time_point now);
  void on_queried(const reply& answer);
  static void finish_peek(peek_operation& op, const reply& answer);
  void expire_looks(time_point now);

  // Batches (lane.cpp, lane_fast.cpp, lane_refusal.cpp).
  void send_again(time_point now);
  void send_batches(time_point now);
  void send_take(batch& which, time_point now);
  void send_resolve(batch& which, time_point now);
  void send_fast(batch& which, time_point now);
  void on_take(const sent& answered, const reply& answer, time_point now);
  void on_taken(const sent& answered, const take_answer& answer, time_point now);
  void on_refused(const sent& answered, std::string_view error, time_point now);
  [[nodiscard]] bool may_hand_out(const batch& which, turn_range range);
  [[nodiscard]] bool is_outdated() const noexcept { return with_.guard.raisings() != raisings_; }
  void on_forgotten(batch& which, std::uint64_t value, time_point now);
  void report_behind(const counter_id& id, std::uint64_t found, std::uint64_t issued,
                     loss_policy policy);
  void on_behind(batch& which, std::uint64_t value);
  void fail_behind(batch& which);
  void on_foreign(batch& which, time_point now);
  void tell_refusal(std::string_view error);
  void pause(time_point now);
  void load_library(time_point now);
  void on_library(const reply& answer, time_point now);
  void on_resolved(batch& which, const reply& answer, time_point now);
  void on_resolve_refused(batch& which, std::string_view error, time_point now);
  void on_caught_up(const reply& answer, time_point now);
  void try_later(refusal_kind why, std::string_view error, time_point now);
  void on_fast(sent answered, const reply& answer, time_point now);
  void on_check(const reply& answer, time_point now);
  void settle_fast(const sent& answered, time_point now);
  void lose_taken(batch& which);
  void fail(batch& which, errc why);
  [[nodiscard]] bool charge(batch& which, time_point now);
  void uncharge(const batch& which);
  void give_back(batch& which);
  void give_up(batch& which);
  void burn(burn_reason why, std::uint64_t turns, const counter_id& id);
  void expire(time_point now);
  [[nodiscard]] time_point next_expiry() const noexcept;
  void fail_call(const call_ticket& call, store_failure why, time_point now);
  void note(const sent& what, time_point now);
  [[nodiscard]] store_commands::take_call call_of(const batch& which) const noexcept;

  /// Between two looks at deadlines: under a stall there is always one that has just passed.
  static constexpr duration expiry_period = std::chrono::milliseconds{5};
  /// As many as open a breaker by any sensible setting.
  static constexpr int silent_looks_max = 100;

  dependencies with_;
  settings how_;
  store_commands commands_;
  greeting greeting_;
  backoff reconnect_;
  retry_budget retries_;

  phase phase_{phase::down};
  time_point phase_until_;  // opening, greeting: give up; down, waiting, halted: try again
  time_point last_heard_;   // when something came, or was sent while nothing was under way
  std::optional<time_point> paused_until_;  // the store said "later"
  time_point last_expiry_;
  int silent_looks_{0};                // that are to count as failures unless something is heard
  duration pause_{0};                  // the latest, since something was taken
  boost::circular_buffer<sent> sent_;  // in the order of the replies to come
  std::vector<batch*> unanswered_;     // of a connection that is gone
  std::vector<sent> unchecked_;        // fast takes whose genesis is not checked yet
  bool check_again_{false};            // of these the check was refused
  std::size_t open_batches_{0};
  struct query_under_way {
    std::size_t replies_left;
    query_completion done;
  };
  std::deque<query_under_way> queries_;           // in the order of the replies to come
  time_point next_look_ends_{time_point::max()};  // no peek or ping has an earlier deadline
  std::optional<probe_ticket> probe_;
  std::string genesis_;
  std::uint64_t sequence_{0};
  std::uint64_t raisings_{0};  // of the guard, when this connection was found fit to count
  std::uint64_t raisings_when_asked_{0};  // of the guard, when the genesis was asked for
  std::size_t raise_shard_{0};            // the next one to read
  loss_policy raise_policy_{loss_policy::halt};
  std::vector<fence_table::fence> fences_;               // read, not sent yet
  std::deque<std::vector<fence_table::fence>> raising_;  // sent, oldest first
  bool library_under_way_{false};
};

}  // namespace turnomatic::redis
