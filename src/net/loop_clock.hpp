// The time as an event loop knows it.
#pragma once

#include <turnomatic/turn.hpp>

namespace turnomatic::net {

/// Reading the clock twice a request is a hundredth of what a request costs, so one reading
/// serves whoever comes next: the poller reads when sockets have become ready, and a session when
/// it has written, which is when the next one begins to read. Used by one thread.
class loop_clock {
 public:
  /// The last reading. Within the poller's dispatch it is younger than the event at hand, except
  /// for the work of handlers since that did not refresh it.
  [[nodiscard]] time_point now() const noexcept { return now_; }
  time_point refresh() noexcept { return now_ = clock::now(); }

 private:
  time_point now_{clock::now()};
};

}  // namespace turnomatic::net
