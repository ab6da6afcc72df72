// Shards on a workbench: their bytes, their store and their clock in the test's hands.
#pragma once

#include "backend/redis/shard/shard.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/connection_port.hpp"
#include "backend/redis/wire/resp_codec.hpp"
#include "core/circuit_breaker.hpp"
#include "core/coalescer.hpp"
#include "support/memory_redis.hpp"

#include <turnomatic/counter_backend.hpp>
#include <turnomatic/store_observer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {

class shard_bench;

/// What the shards of one test have in common: a store and a clock.
class workshop {
 public:
  /// Lets time pass; shards are woken when they want to be. Throws if one wants to be woken again
  /// and again without anything to do.
  void pass(duration time) { pass_to(now + time); }
  void pass_to(time_point when);
  /// Time passes, and everybody who has a connection speaks.
  void go_on(duration time);
  /// The server ends: what no connection has executed yet it never will. Replies that are under way
  /// may still arrive. It comes back as it was at `older`, and connections have to be made anew.
  void crash(const memory_redis::snapshot& older);
  /// Numbered, so that a history runs the same way each time.
  [[nodiscard]] std::string draw() { return "t" + std::to_string(++drawn); }
  /// The guard of an instance.
  [[nodiscard]] store_guard::settings guard_settings(std::string pinned = {});

  time_point now{std::chrono::seconds{1000}};
  memory_redis store;
  int drawn{0};
  std::uint64_t moment{0};  ///< counts the beginnings and ends of takes
  std::vector<shard_bench*> benches;
};

/// A take. Remembers what it got, and when.
struct request final : take_operation {
  request(workshop& in, std::string_view name, std::uint32_t turns, duration within);
  void complete(result_type result) noexcept override;

  [[nodiscard]] turn_range range() const { return outcome && *outcome ? **outcome : turn_range{}; }
  [[nodiscard]] std::optional<errc> error() const;

  workshop& shop;
  std::optional<result_type> outcome;
  int completions{0};
  std::uint64_t began;     ///< of shop.moment
  std::uint64_t ended{0};  ///< likewise
  time_point ended_at;
};

/// Keeps what a shard tells.
class recording_store_observer final : public store_observer {
 public:
  void packet_answered(std::size_t batches, std::uint64_t turns, duration) noexcept override {
    ++packets;
    answered_batches += batches;
    answered += turns;
  }
  void call_failed(store_failure why) noexcept override { failures.push_back(why); }
  void turns_burned(burn_reason why, std::uint64_t count) noexcept override {
    burned[index_of(why)] += count;
  }
  void breaker_changed(breaker_state from, breaker_state to, breaker_reason) noexcept override {
    transitions.emplace_back(from, to);
  }
  void refused(store_refusal kind, std::string_view text) noexcept override {
    refusals.emplace_back(kind, text);
  }
  void happened(store_event event, std::string_view detail) noexcept override {
    told.emplace_back(event, detail);
  }

  [[nodiscard]] std::size_t times(store_event event) const;
  /// The latest one's words.
  [[nodiscard]] std::string detail(store_event event) const;
  [[nodiscard]] std::uint64_t all_burned() const;
  /// Of one id, by the words of the events; not those whose words end in `unheard`.
  [[nodiscard]] std::uint64_t burned_of(std::string_view id, std::string_view unheard = {}) const;
  /// Of the latest refusal.
  [[nodiscard]] std::string words() const {
    return refusals.empty() ? std::string{} : refusals.back().second;
  }

  std::uint64_t packets{0};
  std::uint64_t answered_batches{0};
  std::uint64_t answered{0};
  std::vector<store_failure> failures;
  std::vector<std::pair<breaker_state, breaker_state>> transitions;
  std::array<std::uint64_t, burn_reason_count> burned{};
  std::vector<std::pair<store_event, std::string>> told;
  std::vector<std::pair<store_refusal, std::string>> refusals;
};

/// The connections of a shard, those that were cut included: what had been written to them is a
/// ghost, which the store may execute at any time or never.
class fake_connection final : public connection_port {
 public:
  enum class state : std::uint8_t { closed, opening, open };

  struct stream {
    std::string to_store;
    std::size_t executed{0};  ///< bytes of it
    std::deque<std::string> to_shard;
    memory_redis::session as;
    bool dead{false};  ///< its server is gone

    [[nodiscard]] bool has_commands() const noexcept { return !dead && executed < to_store.size(); }
  };

  void open() override;
  void close() noexcept override;
  void approve() noexcept override { ++approvals; }
  [[nodiscard]] std::string& output() noexcept override { return output_; }
  [[nodiscard]] const std::string& password() const noexcept override { return password_; }
  [[nodiscard]] server_place peer() const override { return {"10.0.0.1:6379", {}}; }
  void log_in_with(std::string password) { password_ = std::move(password); }
  void write() override;
  void accept();
  /// What was not executed yet becomes a ghost while the connection stands.
  void haunt();

  [[nodiscard]] state now() const noexcept { return state_; }

  stream live;
  std::optional<reply_reader> reader;
  std::deque<stream> ghosts;  ///< oldest first; only those with commands
  int openings{0};
  int approvals{0};

 private:
  state state_{state::closed};
  std::string output_;
  std::string password_;
};

/// One shard, put together as redis_backend does it. After each event it is pumped.
class shard_bench {
 public:
  struct settings {
    shard::settings tuning{.connection = {.set_up_timeout = std::chrono::seconds{1},
                                          .stall_timeout = std::chrono::seconds{2}}};
    breaker_settings breaker{};
    coalescer::settings queue{};
    std::string user{};
    std::string password{};
    std::uint32_t database{0};
    std::string primary{};  ///< the name by which sentinels know the server
    new_id_limit* new_ids{nullptr};
    token_source draw{};  ///< empty: the workshop's
    std::function<void()> wake{[] {}};
  };

  shard_bench(workshop& in, store_guard& instance) : shard_bench{in, instance, settings{}} {}
  shard_bench(workshop& in, store_guard& instance, const settings& how);
  ~shard_bench();
  shard_bench(const shard_bench&) = delete;
  shard_bench& operator=(const shard_bench&) = delete;

  // Takes. One that is refused at the door is complete at once.

  request& ask(std::string_view id, std::uint32_t turns = 1,
               duration within = std::chrono::seconds{1});
  /// `key` must live on.
  request& ask_with_key(std::string_view id, std::string_view key,
                        duration within = std::chrono::seconds{1});

  // The connection.

  void accept();
  void refuse(std::string_view why = "refused");
  /// Until the shard wants to connect, and may.
  void begin_to_connect();
  /// Until the lane counts.
  void connect();
  /// Until the set-up is done and the lane says what it has to say.
  void open_connection();
  void cut();

  // What is under way. False if there is nothing.

  bool execute();
  bool deliver();
  /// All of it, until nothing more comes.
  void exchange();
  /// A reply that the store has not made up.
  void deliver_bytes(std::string_view bytes);
  [[nodiscard]] std::string& last_reply() { return link.live.to_shard.back(); }
  bool ghost_executes(std::size_t index = 0);

  [[nodiscard]] bool counts() const noexcept { return tested.is_counting(); }
  [[nodiscard]] std::uint64_t burned(burn_reason why) const { return events.burned[index_of(why)]; }

  workshop& shop;
  store_guard& guard;
  std::deque<request> requests;
  recording_store_observer events;
  fake_connection link;
  coalescer waiting;
  circuit_breaker breaker;
  shard tested;

 private:
  [[nodiscard]] std::optional<errc> refusal(const request& of) const;
  request& begin(request& made);
};

/// A store, and an instance with one shard that counts on it.
struct counting : workshop {
  counting() { bench.connect(); }

  store_guard guard{guard_settings()};
  shard_bench bench{*this, guard};
};

}  // namespace turnomatic::redis
