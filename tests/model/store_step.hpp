// What can happen to instances and their store.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

enum class event : std::uint8_t {
  take_a,     ///< a take of id a comes to the lane
  take_b,     ///< or of id b
  take_key,   ///< or of id a under a key that all lanes use
  execute,    ///< the store executes the next command of the lane's connection
  deliver,    ///< the next reply reaches the lane
  cut,        ///< the connection ends; what the store has not executed becomes a ghost
  ghost,      ///< the next command of the oldest connection that was cut is executed
  ghost_two,  ///< likewise, of the one after it
  reconnect,  ///< the lane connects again, as far as the set-up
  // The same for all lanes: they happen to lane 0.
  moment,         ///< so much time passes that lanes of a closed store ask again
  grace,          ///< the grace of a recovery passes
  save,           ///< what the store holds becomes a snapshot
  restart,        ///< the server ends and comes back with all that it held
  restore,        ///< or with the latest snapshot
  restore_first,  ///< or as it was at the beginning
  demote,         ///< it becomes what the latest snapshot holds, and no connection ends
  join,           ///< another instance starts
  expire,         ///< the record of the lane has come to the end of its life
  clone,          ///< the machine of the first instance is copied; the copy has no connection
  spoil,          ///< somebody writes rubbish into counter b
  mend,           ///< and takes it back
  look,           ///< an operator looks at counter a
  set,            ///< and sets it two turns further, through the lane
  exchange,       ///< somebody empties the store and founds another one in its place
  find_again,     ///< and brings it back, with a restart
  put_back,       ///< or what the latest snapshot holds, without one
  replicate,      ///< the replica has all that the store holds
  fail_over,      ///< the server is gone, and the replica takes its place
};
inline constexpr std::array<std::string_view, 28> event_names{
    "take a",        "take b",    "take key", "execute",    "deliver",  "cut",       "ghost",
    "ghost 2",       "reconnect", "moment",   "grace",      "save",     "restart",   "restore",
    "restore first", "demote",    "join",     "expire",     "clone",    "spoil",     "mend",
    "look",          "set",       "exchange", "find again", "put back", "replicate", "fail over"};

struct step {
  event happening;
  std::uint8_t lane;
};

/// In words; lanes are counted from 0.
[[nodiscard]] std::string text_of(const std::vector<step>& steps);

/// The steps of a text such as "take a @0, execute @0, save". Without a number it is lane 0.
[[nodiscard]] std::vector<step> steps_of(std::string_view text);

/// How much further than usual to look: MODEL_LOOK_FURTHER, else 0. Larger for a long run by
/// hand, negative where the machine is slowed down.
[[nodiscard]] int look_further();

/// `usual` histories, four times as many for each step further.
[[nodiscard]] std::uint64_t histories_of(std::uint64_t usual);

}  // namespace turnomatic::redis
