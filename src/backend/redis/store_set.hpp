// The function with which an operator sets a counter.
#pragma once

#include "backend/redis/resp_codec.hpp"

#include <turnomatic/counter_id.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::redis {

struct set_call {
  std::string_view prefix;  ///< of every key
  const counter_id& id;
  std::string_view genesis;
  std::uint64_t turn;
  bool force;
};

/// Appends the command that calls it.
void append_set(std::string& out, const set_call& call);

struct set_answer {
  enum class kind : std::uint8_t {
    set,
    ahead,      ///< nothing was changed
    foreign,    ///< the genesis is not the expected one
    malformed,  ///< not an answer of this function
  };

  kind what{kind::malformed};
  std::uint64_t before{0};
  bool halted{false};  ///< and still is
};

/// For answers that are no errors.
[[nodiscard]] set_answer read_set_answer(const reply& from);

}  // namespace turnomatic::redis
