// Lanes on a workbench: their bytes, their store and their clock in the test's hands.
#pragma once

#include "backend/redis/lane.hpp"
#include "backend/redis/resp_codec.hpp"
#include "backend/redis/store_guard.hpp"
#include "core/circuit_breaker.hpp"
#include "core/coalescer.hpp"
#include "support/model_store.hpp"

#include <turnomatic/counter_backend.hpp>
#include <turnomatic/store_observer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {

class lane_bench;

/// What the lanes of one test have in common: a store, a guard and a clock.
class workshop {
 public:
  explicit workshop(std::string expected_genesis = {})
      : guard{std::move(expected_genesis), 64 * 64, 1} {}

  /// Lets time pass; lanes are woken when they want to be. Throws if one wants to be woken again
  /// and again without anything to do.
  void pass(duration time) { pass_to(now + time); }
  void pass_to(time_point when);
  /// The server ends: what no connection has executed yet it never will. Replies that are under way
  /// may still arrive. It comes back as it was at `older`, and connections have to be made anew.
  void crash(const model_store::snapshot& older);

  time_point now{std::chrono::seconds{1000}};
  model_store store{"t"};
  store_guard guard;
  int drawn{0};             ///< genesis tokens
  std::uint64_t moment{0};  ///< counts the beginnings and ends of requests
  std::vector<lane_bench*> benches;
};

/// Remembers what it got, and when.
struct request final : take_operation {
  request(workshop& in, std::string_view name, std::uint32_t turns, duration within);
  void complete(result_type what) noexcept override;

  [[nodiscard]] turn_range range() const { return outcome && *outcome ? **outcome : turn_range{}; }
  [[nodiscard]] std::optional<errc> error() const;

  workshop& shop;
  std::optional<result_type> outcome;
  int completions{0};
  std::uint64_t began;     ///< of shop.moment
  std::uint64_t ended{0};  ///< likewise
  time_point ended_at;
};

struct peek_request final : peek_operation {
  explicit peek_request(std::string_view name) { id = counter_id::from_text(name); }
  void complete(result_type what) noexcept override { outcome = what; }
  std::optional<result_type> outcome;
};

struct ping_request final : ping_operation {
  void complete(result_type what) noexcept override { outcome = what; }
  std::optional<result_type> outcome;
};

/// Keeps what a lane tells.
class recording_store_observer final : public store_observer {
 public:
  void batch_answered(std::uint64_t turns, duration) noexcept override { answered += turns; }
  void batch_sent_again() noexcept override { ++sent_again; }
  void call_failed(store_failure why) noexcept override { failures.push_back(why); }
  void turns_burned(burn_reason why, std::uint64_t count) noexcept override {
    burned[index_of(why)] += count;
  }
  void breaker_changed(breaker_state, breaker_state, breaker_reason) noexcept override {}
  void refused(store_refusal kind, std::string_view text) noexcept override {
    refusals.emplace_back(kind, text);
  }
  void happened(store_event what, std::string_view detail) noexcept override {
    told.emplace_back(what, detail);
  }

  [[nodiscard]] std::size_t times(store_event what) const;
  /// The latest one's words.
  [[nodiscard]] std::string detail(store_event what) const;
  [[nodiscard]] std::uint64_t all_burned() const;
  /// Of the latest refusal.
  [[nodiscard]] std::string words() const {
    return refusals.empty() ? std::string{} : refusals.back().second;
  }

  std::uint64_t answered{0};
  int sent_again{0};
  std::vector<store_failure> failures;
  std::array<std::uint64_t, burn_reason_count> burned{};
  std::vector<std::pair<store_event, std::string>> told;
  std::vector<std::pair<store_refusal, std::string>> refusals;
};

/// The connections of a lane, those that were cut included: what had been written to them is a
/// ghost, which the store may execute at any time or never.
class wire final : public lane_link {
 public:
  enum class state : std::uint8_t { closed, opening, open };

  struct connection {
    std::string to_store;
    std::size_t executed{0};  ///< bytes of it
    std::deque<std::string> to_lane;
    model_store::session as;
    bool dead{false};  ///< its server is gone

    [[nodiscard]] bool has_commands() const noexcept { return !dead && executed < to_store.size(); }
  };

  void open() override;
  void close() noexcept override;
  void approve() noexcept override { ++approvals; }
  [[nodiscard]] std::string& output() noexcept override { return output_; }
  void write() override;
  void accept();

  [[nodiscard]] state now() const noexcept { return state_; }

  connection live;
  std::optional<reply_reader> reader;
  std::deque<connection> ghosts;  ///< oldest first; only those with commands
  int openings{0};
  int approvals{0};

 private:
  state state_{state::closed};
  std::string output_;
};

/// One lane, put together as redis_backend does it. After each event it is pumped.
class lane_bench {
 public:
  struct settings {
    lane::settings tuning{};
    breaker_settings breaker{};
    coalescer::settings queue{};
    greeting::settings greet{};
    std::uint32_t memos{32};
    store_guard* guard{nullptr};  ///< of another instance; null: that of the workshop
    new_id_limit* new_ids{nullptr};
  };

  explicit lane_bench(workshop& in) : lane_bench{in, settings{}} {}
  lane_bench(workshop& in, const settings& how);
  ~lane_bench();
  lane_bench(const lane_bench&) = delete;
  lane_bench& operator=(const lane_bench&) = delete;

  // Requests. One that is refused at the door is complete at once.

  request& ask(std::string_view id, std::uint32_t turns = 1,
               duration within = std::chrono::seconds{1});
  /// `key` must live on.
  request& ask_once(std::string_view id, std::string_view key,
                    duration within = std::chrono::seconds{1});
  void peek(peek_request& what);
  void ping(ping_request& what);

  // The connection.

  void accept();
  void refuse(std::string_view why = "refused");
  /// Until the lane counts.
  void connect();
  /// As far as the lane sends something that the store has not executed.
  void open_connection();
  void cut();

  // What is under way. False if there is nothing.

  bool execute();
  bool deliver();
  /// All of it, until nothing more comes.
  void exchange();
  /// A reply that the store has not made up.
  void deliver_bytes(std::string_view bytes);
  [[nodiscard]] std::string& last_reply() { return link.live.to_lane.back(); }
  bool ghost_executes(std::size_t which = 0);

  [[nodiscard]] bool counts() const noexcept { return tested.is_open(); }
  [[nodiscard]] std::uint64_t burned(burn_reason why) const { return events.burned[index_of(why)]; }

  workshop& shop;
  store_guard& guard;
  std::deque<request> requests;
  recording_store_observer events;
  wire link;
  coalescer waiting;
  circuit_breaker breaker;
  lane tested;

 private:
  [[nodiscard]] std::optional<errc> refusal(const request& what) const;
  request& begin(request& made);

  const bool fast_;
};

/// A store, and a lane that counts on it.
struct counting : workshop {
  counting() { bench.connect(); }

  lane_bench bench{*this};
};

}  // namespace turnomatic::redis
