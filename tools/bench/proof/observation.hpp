// What a generator saw of one request: all that the proof rests on.
#pragma once

#include <cstdint>

namespace turnomatic::bench {

/// Nanoseconds on the monotonic clock of the host that observed.
using moment = std::int64_t;

enum class outcome : std::uint8_t {
  answered,   ///< with a turn of the id that was asked for
  unknown,    ///< cut off, timed out, or said to be unknown: it may have taken a turn, or may yet
  wrong_id,   ///< answered with a turn of another id
  malformed,  ///< answered with 200, but with no turn that can be read
};

/// A request that may have taken a turn. One that was refused for certain leaves none of these.
struct observation {
  std::uint32_t id;               ///< index among the ids of the run
  std::uint32_t connection : 28;  ///< index of the slot that sent it; it outlives reconnections
  std::uint32_t what : 3;         ///< an `outcome`
  std::uint32_t retried : 1;      ///< sent again under its key on another connection
  std::uint64_t turn;             ///< 0 unless answered
  moment sent;                    ///< before its first byte was given to the kernel
  moment received;                ///< after its answer was read, or when it was given up

  [[nodiscard]] outcome result() const noexcept { return static_cast<outcome>(what); }
};

/// `connection` and `what` must fit their fields.
[[nodiscard]] constexpr observation make_observation(std::uint32_t id, std::uint32_t connection,
                                                     outcome what, bool retried, std::uint64_t turn,
                                                     moment sent, moment received) noexcept {
  return {.id = id,
          .connection = connection & 0xfffffffU,
          .what = static_cast<std::uint32_t>(what) & 7U,
          .retried = retried ? 1U : 0U,
          .turn = turn,
          .sent = sent,
          .received = received};
}

static_assert(sizeof(observation) == 32, "a hundred million of them pass through memory");

}  // namespace turnomatic::bench
