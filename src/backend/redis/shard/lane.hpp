// One worker's ordered stream of packets to one bucket: how it comes to count, and stays at it.
#pragma once

#include "backend/redis/shard/command_queue.hpp"
#include "backend/redis/shard/recovery.hpp"
#include "backend/redis/shard/resumed_counters.hpp"
#include "backend/redis/shard/take_protocol.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/commands.hpp"

#include <turnomatic/config.hpp>
#include <turnomatic/store_observer.hpp>
#include <turnomatic/turn.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace turnomatic::redis {

/// Enters the store on each connection, takes its part in a recovery, refreshes its record, and
/// tells the other lanes of the instance through the guard what it has found.
///
/// A state machine without I/O or clock. Used by one thread; what it refers to must outlive it.
class lane {
 public:
  struct settings {
    loss_policy on_loss{loss_policy::halt};
    duration refresh_interval{std::chrono::seconds{1}};
    duration recovery_grace{std::chrono::seconds{1}};
  };

  /// `wake` is called from any thread when another lane has met a later run of the server: ask
  /// `is_outrun` soon.
  lane(store_guard& guard, store_observer& events, const bucket_keys& keys, const settings& how,
       token_source draw, std::function<void()> wake);

  void apply(const settings& how);

  /// On a connection to this server, fit to be counted on.
  void connected(const server_info& server);
  void disconnected();
  /// The store is another one than before, which an operator has accepted: there is nothing of this
  /// lane in it. True: there was something, and its outcome is unknown.
  [[nodiscard]] bool forsake_other_store();

  struct step {
    purpose reason;
    std::size_t commands;
  };
  /// Appends what is to be said now besides packets; nothing: it is not the time.
  [[nodiscard]] std::optional<step> next(std::string& out, time_point now);
  [[nodiscard]] time_point wake_at() const noexcept;

  using verdict = take_protocol::verdict;
  /// Takes the reply to what `next` appended. Nothing: there is nothing to act on.
  [[nodiscard]] std::optional<verdict> on_reply(purpose reason, const reply& answer,
                                                time_point now);
  /// The store has no time for it now. False: it cannot be put off.
  [[nodiscard]] bool put_off(purpose reason, time_point now);

  [[nodiscard]] verdict on_packet(const reply& answer, std::size_t batches);

  /// Another lane has met a later run of the server: this connection has to end.
  [[nodiscard]] bool is_outrun() const noexcept {
    return is_connected_ && run_number_ != guard_.run_number();
  }
  [[nodiscard]] bool may_send() const noexcept {
    return protocol_.standing() == take_protocol::state::counting && !protocol_.packet_under_way();
  }
  [[nodiscard]] take_protocol& protocol() noexcept { return protocol_; }
  [[nodiscard]] const take_protocol& protocol() const noexcept { return protocol_; }
  [[nodiscard]] std::size_t number() const noexcept { return number_; }

 private:
  /// What begins with a connection, and ends with it.
  struct visit {
    std::optional<std::string> closing;           // of the store, that was met
    std::shared_ptr<recovery_part> part;          // null: it does not speak for the instance
    std::chrono::milliseconds record_lifetime{};  // 0: for ever
    bool refreshing{false};
    bool looks_next{false};
    time_point asked_at{};  // for entry
    time_point ask_at{};    // barred: ask again; counting: refresh
  };

  [[nodiscard]] std::optional<step> enter(std::string& out, time_point now);
  [[nodiscard]] std::optional<step> recover(std::string& out, time_point now);
  [[nodiscard]] std::optional<step> refresh(std::string& out, time_point now);
  [[nodiscard]] std::optional<verdict> on_entered(const reply& answer, time_point now);
  [[nodiscard]] std::optional<verdict> on_refreshed(const reply& answer);
  [[nodiscard]] std::optional<verdict> on_marks(const reply& answer);
  [[nodiscard]] std::optional<verdict> on_report(const reply& answer, time_point now);
  [[nodiscard]] bool is_closed_anew(std::string_view closing);
  [[nodiscard]] verdict lost(verdict found);
  [[nodiscard]] store_identity identity() const noexcept;

  store_guard& guard_;
  store_observer& events_;
  const bucket_keys& keys_;
  settings settings_;
  take_protocol protocol_;
  recovery recovery_;
  resumed_counters resumed_;
  const token_source draw_;
  const std::size_t number_;  // in the guard
  std::uint64_t run_number_{0};
  std::string store_id_;  // that it last entered, or is to enter
  std::string instance_;
  bool is_connected_{false};
  bool renames_{false};  // the instance, when it counts again
  visit visit_;
};

}  // namespace turnomatic::redis
