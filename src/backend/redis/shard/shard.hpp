// One worker's way to one primary: the parent of the machines that decide.
#pragma once

#include "backend/redis/shard/acknowledgement.hpp"
#include "backend/redis/shard/breaker_gate.hpp"
#include "backend/redis/shard/command_queue.hpp"
#include "backend/redis/shard/deadline_watch.hpp"
#include "backend/redis/shard/lane.hpp"
#include "backend/redis/shard/link.hpp"
#include "backend/redis/shard/packet_account.hpp"
#include "backend/redis/shard/setup.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/connection_port.hpp"
#include "core/circuit_breaker.hpp"
#include "core/coalescer.hpp"
#include "core/new_id_limit.hpp"

#include <turnomatic/config.hpp>
#include <turnomatic/store_observer.hpp>
#include <turnomatic/turn.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace turnomatic::redis {

/// Connects and keeps connected, in every mode of the breaker; sends a packet when none is under
/// way; and acts on what the machines beneath say. Connection, coalescer and breaker are used by it
/// alone.
///
/// Without I/O or clock. Used by one thread; what it refers to must outlive it.
class shard final : public connection_handler {
 public:
  struct settings {
    link::settings connection{};
    lane::settings entry{};
    acknowledgement::settings replicas{};
    std::chrono::milliseconds key_lifetime{std::chrono::seconds{60}};
  };

  struct dependencies {
    connection_port& connection;
    coalescer& waiting;
    circuit_breaker& breaker;
    store_guard& guard;
    store_observer& events;
    new_id_limit* new_ids{nullptr};  ///< null: no limit
    /// Called from any thread: `pump` is to be called soon.
    std::function<void()> wake;
  };

  /// `seed` is random and different in each shard.
  shard(const dependencies& parts, const settings& how, setup::settings set_up,
        const token_source& draw_token, std::uint32_t seed, time_point now);

  void apply(const settings& how);

  /// Sends what waits, if it is time, and connects; where the breaker allows nothing, refuses what
  /// waits. Call it when something was enqueued, once for many, and after each event.
  void pump(time_point now);
  /// Looks at deadlines. Call it at `wake_at` at the latest.
  void tick(time_point now);
  [[nodiscard]] time_point wake_at() const noexcept;

  void on_open(time_point now) override;
  void on_closed(std::string_view why, time_point now) override;
  void on_reply(const reply& answer, time_point now) override;

  /// Sends `commands`, which are `count`, one or more, whatever they do; the breaker does not hear
  /// of it. Also while the store is closed. False: there is no connection, nothing was sent.
  [[nodiscard]] bool query(std::string_view commands, std::size_t count, query_completion done,
                           time_point now);

  [[nodiscard]] bool is_counting() const noexcept {
    return lane_.protocol().standing() == take_protocol::state::counting;
  }
  /// Operators can be served.
  [[nodiscard]] bool is_connected() const noexcept { return link_.now() == link::phase::up; }
  /// The store is another one, or was emptied: nothing is to be enqueued.
  [[nodiscard]] bool sees_wrong_store() const noexcept { return loss_ != store_loss::none; }
  /// Batches that were sent and whose outcome is not known yet; of those that went to a store that
  /// is not there any more it may never be.
  [[nodiscard]] std::size_t under_way() const noexcept {
    return sees_wrong_store() ? 0 : account_.size();
  }
  [[nodiscard]] const acknowledgement& replicas() const noexcept { return replicas_; }
  /// Nothing more is sent or handed out: what is under way counts as burned.
  void end();

 private:
  void end_connection();
  void lose(store_failure reason, std::string_view text, time_point now);
  void on_set_up(const reply& answer, time_point now);
  void see_wrong_store(store_loss how, time_point now);
  void act(const take_protocol::verdict& verdict, time_point now);
  void say(time_point now);
  void send_packet(time_point now);
  void await_replicas(time_point now);
  void on_wait(const reply& answer, time_point now);
  void take(purpose reason, const reply& answer, time_point now);
  void on_packet(const reply& answer, time_point now);
  void on_packet_refused(std::string_view error, time_point now);
  void keep_connection(time_point now);
  void note(sent_command command, time_point now);

  const dependencies parts_;
  settings settings_;
  const bucket_keys keys_;
  link link_;
  setup setup_;
  command_queue queue_;
  lane lane_;
  packet_account account_;
  acknowledgement replicas_;
  breaker_gate gate_;
  store_loss loss_{store_loss::none};
  deadline_watch deadlines_;
};

}  // namespace turnomatic::redis
