// Whether replicas hold what the primary has answered.
#pragma once

#include "backend/redis/shard/command_queue.hpp"
#include "backend/redis/wire/kept_reply.hpp"

#include <turnomatic/turn.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace turnomatic::redis {

/// Holds an answer back until enough replicas have acknowledged the write that it speaks of. A WAIT
/// goes out with each such command, in the same write, and is repeated until it has them.
///
/// Without I/O or clock; used by one thread.
class acknowledgement {
 public:
  struct settings {
    std::uint32_t replicas{0};  ///< 0: nothing is held back
    /// Of one WAIT; the server says nothing else on the connection until then.
    std::chrono::milliseconds timeout{100};
  };

  explicit acknowledgement(const settings& how) noexcept : settings_{how} {}
  void apply(const settings& how) noexcept { settings_ = how; }
  [[nodiscard]] const settings& asked() const noexcept { return settings_; }

  /// Where any are asked for, right after a command that writes: on a connection that has written
  /// nothing WAIT answers for nothing. False: nothing was appended.
  [[nodiscard]] bool append_wait(std::string& out);

  /// The answer to the command in front of the WAIT whose answer comes next.
  void hold(purpose reason, const reply& answer) {
    reason_ = reason;
    held_.keep(answer);
  }
  /// The connection is gone: what became of the write is looked up on the next one.
  void give_up() noexcept {
    waits_ = 0;
    held_.clear();
  }

  enum class outcome : std::uint8_t {
    nothing,  ///< nothing is held: the command in front of the WAIT has written nothing
    reached,  ///< what is held may be acted upon
    missed,   ///< too few: ask again
    refused,  ///< the server does not do it; what is held is to be looked up
  };
  [[nodiscard]] outcome on_wait(const reply& answer) noexcept;

  struct answered {
    purpose reason;
    const reply& answer;  ///< valid until the next one is held
  };
  /// What was held, and is no longer. Only where it was reached.
  [[nodiscard]] answered release() noexcept;

  /// The server is asked, and will answer before anything that is sent now.
  [[nodiscard]] bool is_waiting() const noexcept { return waits_ > 0; }
  /// Too few replicas had what was written last when they were asked, on whatever connection.
  [[nodiscard]] bool was_missed() const noexcept { return missed_; }
  /// What was written last has been acted upon, or is lost.
  void settled() noexcept {
    missed_ = false;
    held_.clear();
  }

 private:
  settings settings_;
  std::uint32_t waits_{0};  // under way
  purpose reason_{purpose::packet};
  kept_reply held_;
  bool missed_{false};
};

}  // namespace turnomatic::redis
