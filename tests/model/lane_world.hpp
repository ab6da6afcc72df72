// A few lanes, what can happen to them, and what must hold when all has come to rest.
#pragma once

#include "unit/redis/lane_bench.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

enum class event : std::uint8_t {
  ask_a,      ///< a request for id a comes to the lane
  ask_b,      ///< or for id b
  execute,    ///< the store executes the next command of the lane's connection
  deliver,    ///< the next reply reaches the lane
  cut,        ///< the connection ends; what the store has not executed becomes a ghost
  ghost,      ///< the next command of the oldest connection that was cut is executed
  ghost_two,  ///< likewise, of the one after it
  reconnect,  ///< the lane connects again and greets, until it may count
  time,       ///< the next deadline of a request passes
  // Only where there is trouble.
  greet,           ///< the lane connects; its greeting goes command by command
  functions_lost,  ///< the store forgets its functions
  ill,             ///< it refuses what it is asked for: another reason each time
  well,            ///< and does it again
  // Only where there are losses.
  save,     ///< what the store holds is written to its disk
  crash,    ///< it comes back with what was written there
  emptied,  ///< an operator empties it
  resumed   ///< an operator lets halted counters go on
};
inline constexpr std::array<std::string_view, 17> event_names{
    "ask a",     "ask b",   "execute", "deliver",        "cut", "ghost", "ghost 2",
    "reconnect", "time",    "greet",   "functions lost", "ill", "well",  "save",
    "crash",     "emptied", "resumed"};

struct step {
  event what;
  std::uint8_t lane;
};

/// `steps` in words, lanes counted from 0.
[[nodiscard]] std::string text_of(const std::vector<step>& steps);

/// How much further than usual to look, for a long run by hand: TURNOMATIC_LOOK_FURTHER, else 0.
[[nodiscard]] unsigned look_further();

/// What was written to connections that were cut.
using ghost_list = std::vector<wire::connection>;

/// Lanes and their store. Begins at rest: all lanes count, nothing is under way, and
/// neither id has been counted.
class lane_world {
 public:
  struct settings {
    std::size_t lanes{1};
    bool apart{false};  ///< each is of an instance of its own
    std::uint32_t memos{32};
    bool trouble{false};  ///< the store sometimes refuses
    bool losses{false};   ///< it sometimes loses what it held
    loss_policy on_loss{loss_policy::skip};
  };

  explicit lane_world(const settings& how);

  /// At rest again, as at the beginning. Everything must have come to rest.
  void begin_anew();
  [[nodiscard]] bool can_happen(step what) const;
  void happens(step what);

  [[nodiscard]] std::size_t ghosts() const;
  /// Whether anything waits or is under way.
  [[nodiscard]] bool is_busy() const;

  // How it comes to rest.

  [[nodiscard]] ghost_list take_ghosts();
  void executes(wire::connection& ghost);
  /// Then the store has to be restored, and ends the connections of all ghosts.
  [[nodiscard]] bool is_emptied() const { return shop.store.genesis().empty(); }
  /// The store is restored and well, all lanes reconnect, and all that is under way is exchanged.
  /// `late`: after all deadlines.
  void settles(bool late);

  /// What does not hold, in words; empty if all does. To be called at rest.
  [[nodiscard]] std::string broken_rule() const;

  workshop shop;
  std::deque<store_guard> guards;  ///< of the lanes, if they are apart
  std::deque<lane_bench> lanes;

 private:
  void moves(step what);
  void fails(step what);
  void is_lost(step what);
  [[nodiscard]] time_point next_deadline() const;
  [[nodiscard]] bool has_a_reason(const request& failed) const;
  [[nodiscard]] std::uint64_t burned_of(std::string_view id) const;
  [[nodiscard]] std::string broken_account_of(std::string_view id) const;
  [[nodiscard]] std::string broken_account() const;
  [[nodiscard]] std::string broken_order() const;

  const settings how_;
  const bool drops_memos_;
  const bool gives_twice_;  // what another instance has issued and the store has lost
  int illness_{0};
  bool lost_{false};  // the store has lost something, since it began anew
  model_store::snapshot saved_;
};

}  // namespace turnomatic::redis
