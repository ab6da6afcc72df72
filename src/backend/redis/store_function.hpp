// What is said to the functions that count inside Redis, and what they answer.
#pragma once

#include "backend/redis/resp_codec.hpp"

#include <turnomatic/config.hpp>
#include <turnomatic/counter_id.hpp>
#include <turnomatic/turn.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// Builds the commands of one lane. The lane's name is drawn at random and unlike any other.
/// Not thread-safe.
class store_commands {
 public:
  struct settings {
    std::string prefix;  ///< of every key
    std::string lane;
    std::uint32_t memos_per_counter{32};
    loss_policy on_loss{loss_policy::halt};
  };

  explicit store_commands(settings how);

  void set_on_loss(loss_policy policy);

  /// The keys of counters begin with this.
  [[nodiscard]] std::string_view counter_prefix() const noexcept { return counter_prefix_; }
  [[nodiscard]] std::string_view genesis_key() const noexcept { return genesis_key_; }

  struct take_call {
    const counter_id& id;
    std::string_view genesis;
    std::uint64_t sequence;
    std::uint64_t turns;
    std::uint64_t fence;
  };

  /// Takes turns, once per sequence however often it is sent.
  void take(std::string& out, const take_call& call);
  /// The same, once for `key` as long as that lives, whoever sends it. `again`: it was sent before.
  void take_once(std::string& out, const take_call& call, std::string_view key,
                 std::chrono::milliseconds lifetime, bool again);
  /// Asks whether a take was executed, and sees to it that it never will be.
  void resolve(std::string& out, const take_call& call);
  /// Raises counters to at least the values given, and halts those that were below if `policy`
  /// says so.
  void raise(std::string& out, std::string_view genesis,
             std::span<const std::pair<counter_id, std::uint64_t>> to, loss_policy policy);
  /// Takes turns without memory of who took them: INCRBY.
  void take_fast(std::string& out, const counter_id& id, std::uint64_t turns);
  void peek(std::string& out, const counter_id& id);
  void read_genesis(std::string& out);
  /// Gives the store this token if it has none.
  void found(std::string& out, std::string_view genesis);
  static void load_library(std::string& out);

 private:
  /// A take as hiredis formats it, with room for what differs from batch to batch. Formatting
  /// each anew cost half a microsecond, most of it in sprintf.
  struct take_template {
    std::string bytes;
    std::string genesis;  ///< that it was made for
    std::size_t id{0};    ///< where these begin
    std::size_t sequence{0};
    std::size_t turns{0};
    std::size_t fence{0};
  };

  [[nodiscard]] const take_template& template_for(std::size_t id_size, std::string_view genesis);
  void call_with_memo(std::string& out, std::string_view function, std::string_view key,
                      std::string_view genesis, std::string_view sequence, std::string_view turns,
                      std::string_view fence) const;
  [[nodiscard]] std::string_view key_of(const counter_id& id);

  settings how_;
  std::string counter_prefix_;
  std::string key_prefix_;
  std::string genesis_key_;
  std::string key_;
  std::array<take_template, counter_id::size_max + 1> templates_;  // by the size of the id
};

/// What became of a take.
struct take_answer {
  enum class kind : std::uint8_t {
    taken,
    exhausted,   ///< the counter stands at turn_max
    not_taken,   ///< of resolve: it was not executed and never will be
    superseded,  ///< a later sequence of this lane was executed: this is a ghost
    forgotten,   ///< whether it was executed is not known any more; `value` is the counter
    foreign,     ///< the genesis is not the expected one
    behind,      ///< the counter was at `value`, below the fence; it is halted now
    halted,      ///< it was found behind before, and no operator has acted yet
    malformed,   ///< not an answer of this function
  };

  kind what{kind::malformed};
  turn_range range{0, 0};
  std::uint64_t value{0};
  std::uint64_t skipped{0};  ///< numbers that the store had lost and that were left out
};

/// `turns` as asked for. For answers of take and resolve that are no errors.
[[nodiscard]] take_answer read_take_answer(const reply& from, std::uint64_t turns);

/// Whether the library is there after this answer to load_library: another may have been faster.
[[nodiscard]] bool is_loaded(const reply& answer) noexcept;

/// What an error reply means for the sender. An error of the function, too, means that nothing was
/// written: writing is its last step.
enum class refusal_kind : std::uint8_t {
  later,          ///< LOADING, BUSY and their like: not applied, may go in a moment
  read_only,      ///< a replica by now: not applied, and the primary is to be looked for again
  no_function,    ///< the library has to be loaded (again)
  full,           ///< OOM
  not_permitted,  ///< NOAUTH, NOPERM, WRONGPASS: needs an operator
  no_counter,     ///< WRONGTYPE: the key of this id holds something else; needs an operator
  other,          ///< another error of Redis
  foreign,        ///< not of Redis, but of something in between: applied or not
};
[[nodiscard]] refusal_kind classify_error(std::string_view text) noexcept;

}  // namespace turnomatic::redis
