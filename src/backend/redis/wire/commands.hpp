// The commands of the store protocol, and what comes back.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"
#include "backend/redis/wire/scripts.hpp"
#include "core/packet.hpp"

#include <turnomatic/config.hpp>
#include <turnomatic/counter_id.hpp>
#include <turnomatic/turn.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {

/// The keys of one bucket. They share a hash tag, so a command with several of them is one slot's
/// affair in a cluster.
class bucket_keys {
 public:
  bucket_keys(std::string_view prefix, std::uint32_t bucket);

  [[nodiscard]] const std::string& store() const noexcept { return store_; }
  [[nodiscard]] const std::string& turns() const noexcept { return turns_; }
  [[nodiscard]] std::string lane(std::string_view name) const;
  /// Of what was taken under a client's key.
  [[nodiscard]] std::string key(std::string_view loss_token, const counter_id& id,
                                std::string_view client_key) const;

 private:
  std::string base_;  // with the colon
  std::string store_;
  std::string turns_;
};

/// Of a store: `P:genesis` was the mark of a protocol that was never released.
[[nodiscard]] std::string unreleased_protocol_key(std::string_view prefix);

/// Appends EVALSHA of a script with these keys and arguments.
void append_script(std::string& out, script_id script, std::span<const std::string_view> keys,
                   std::span<const std::string_view> arguments);
/// Appends SCRIPT LOAD of each script.
void append_script_loads(std::string& out);

/// What the store record says of the store. All empty: there is none.
struct store_record {
  std::string format;
  std::string id;
  std::string buckets;
  std::string state;
  std::string was;  ///< the store that was given up for this one; empty: none was
};
inline constexpr std::string_view store_format = "1";

void append_read_store(std::string& out, const bucket_keys& keys);
/// The answer to that, or to `found` where somebody else was first.
[[nodiscard]] std::optional<store_record> read_store_record(const reply& answer);

/// What a lane and its store know of each other, in every command but take.
struct store_identity {
  std::string_view store_id;
  std::string_view run;
  std::string_view instance;
  std::chrono::milliseconds record_lifetime{};  ///< 0: for ever
};

// ---- a lane and its record

/// `record_lost`: the lane has lost its last record, so the store is to be closed.
void append_register(std::string& out, const bucket_keys& keys, std::string_view lane,
                     const store_identity& store, std::string_view generation, bool record_lost);
void append_take_over(std::string& out, const bucket_keys& keys, std::string_view lane,
                      const store_identity& store, std::string_view generation,
                      std::span<const std::string_view> known_generations);
void append_refresh(std::string& out, const bucket_keys& keys, std::string_view lane,
                    const store_identity& store);

/// The answer to register, takeover or refresh.
struct entry_answer {
  enum class kind : std::uint8_t {
    entered,  ///< registered, taken over or refreshed
    closed,   ///< a recovery is under way; of a takeover with what was found
    refused,  ///< of a takeover: the record is not where the lane left it
    foreign,  ///< the store has another id, or none, or is not ready
    malformed,
  };

  kind type{kind::malformed};
  std::string_view generation{};            ///< found; empty: there is no record
  std::optional<std::uint64_t> sequence{};  ///< found
  std::string_view loss_token{};
  const reply* results{nullptr};          ///< of a takeover: of the packet with that sequence,
  std::optional<std::uint64_t> packet{};  ///< and its name
  std::string_view unheard{};             ///< of a refresh: instances, separated by spaces
  std::string_view closing{};             ///< while closed: its number
  std::string_view store_id{};            ///< of a foreign store; empty: there is no store record
};
/// Refers to `answer`.
[[nodiscard]] entry_answer read_entry_answer(const reply& answer);
/// The lane record was written.
[[nodiscard]] bool is_entry(const reply& answer) noexcept;

// ---- packets

/// Builds the takes of one lane on one connection. Formats what stays the same once.
class take_formatter {
 public:
  take_formatter() = default;
  take_formatter(const bucket_keys& keys, std::string_view lane, std::string_view generation);

  struct settings {
    std::uint64_t sequence;
    std::uint64_t packet;  ///< its name, which no other packet ever had
    loss_policy policy;
    std::chrono::milliseconds key_lifetime;
    std::string_view loss_token;  ///< clients' keys are known under it alone
  };
  /// Leaves out batches that have ended; `marks` are parallel to the packet all the same.
  void append(std::string& out, const packet& batches, std::span<const std::uint64_t> marks,
              const settings& fields) const;

 private:
  const bucket_keys* keys_{nullptr};
  std::string first_keys_;  // lane record and turns, as arguments
  std::string generation_;  // as an argument
};

/// What became of one batch.
struct take_result {
  enum class kind : std::uint8_t {
    taken,
    known,      ///< the same key had them before
    behind,     ///< the counter stood at `found`, behind its mark; it is halted now
    halted,     ///< it was halted before, to go on above `found`
    exhausted,  ///< it stands at turn_max
    spoilt,     ///< what the store holds is no turn
    unwritten,  ///< the store refused to write; `error` says why
    malformed,
  };

  kind type{kind::malformed};
  turn_range range{0, 0};
  std::uint64_t found{0};  ///< before the take, where `skipped`, `behind` or `halted`
  bool skipped{false};     ///< the counter was behind its mark and goes on above it
  std::string_view error{};
};
/// `turns` as asked for.
[[nodiscard]] take_result read_take_result(const reply& result, std::uint64_t turns);

/// A packet that was refused, with the generation and sequence found.
[[nodiscard]] bool is_refused_packet(const reply& answer) noexcept;
/// It was executed, and the lane record was written.
[[nodiscard]] bool is_packet_result(const reply& answer) noexcept;

// ---- replicas

/// Waits until so many replicas hold what this connection has written, or `timeout` has passed, one
/// millisecond or more; the answer is the number of those that do.
void append_wait(std::string& out, std::uint32_t replicas, std::chrono::milliseconds timeout);

// ---- recovery

using mark = std::pair<counter_id, std::uint64_t>;
inline constexpr std::size_t marks_per_command = 256;

void append_raise_marks(std::string& out, const bucket_keys& keys, const store_identity& store,
                        loss_policy policy, std::span<const mark> marks);

/// The counters that were behind: index into the marks that were sent, and the turn found.
struct raise_answer {
  bool foreign{false};
  std::vector<std::pair<std::size_t, std::uint64_t>> behind;
};
[[nodiscard]] std::optional<raise_answer> read_raise_answer(const reply& answer, std::size_t marks);

struct report_command {
  std::string_view verdict{};  ///< in_place, behind, or empty
  bool may_open{false};
  std::string_view marks_seen{};
  std::string_view new_token{};
  std::string_view closing{};  ///< the report speaks of
};
void append_report(std::string& out, const bucket_keys& keys, const store_identity& store,
                   const report_command& report);

struct report_answer {
  enum class kind : std::uint8_t { open, opened, closed, foreign, malformed };

  kind type{kind::malformed};
  std::string_view marks{};    ///< while closed
  std::string_view names{};    ///< opened: not heard; closed: awaited
  std::string_view closing{};  ///< while closed
};
[[nodiscard]] report_answer read_report_answer(const reply& answer);

}  // namespace turnomatic::redis
