#include "backend/redis/store_set.hpp"

#include "backend/redis/store_library.hpp"

#include <array>

namespace turnomatic::redis {

void append_set(std::string& out, const set_call& call) {
  const std::string function = the_library().set;
  const std::string key = std::string{call.prefix}.append(":c:").append(call.id.text());
  const std::string genesis_key = std::string{call.prefix} + ":genesis";
  const std::string turn = std::to_string(call.turn);
  append_command(
      out, std::array<std::string_view, 8>{"FCALL", function, "2", key, genesis_key, call.genesis,
                                           turn, call.force ? "force" : "forward"});
}

set_answer read_set_answer(const reply& from) {
  using kind = set_answer::kind;
  if (from.what != reply::kind::array || from.elements.empty() || !from.elements[0]->is_string())
    return {};
  const std::string_view word = from.elements[0]->text;
  if (word == "foreign")
    return {.what = kind::foreign};
  if (from.elements.size() < 3 || from.elements[1]->integer < 0 ||
      (word != "set" && word != "ahead"))
    return {};
  return {.what = word == "set" ? kind::set : kind::ahead,
          .before = static_cast<std::uint64_t>(from.elements[1]->integer),
          .halted = from.elements[2]->integer != 0};
}

}  // namespace turnomatic::redis
