// The time as an event loop knows it.
#pragma once

#include <turnomatic/turn.hpp>

namespace turnomatic::net {

/// Reading the clock twice a request is a hundredth of what a request costs, so one reading
/// serves whoever comes next: the poller reads when sockets have become ready, and a session when
/// it has written, which is when the next one begins to read. Used by one thread.
class loop_clock {
 public:
  using source = time_point (*)() noexcept;

  /// `read` tells the time; another than the clock's own is for tests.
  explicit loop_clock(source read = &clock::now) noexcept : read_{read} {}

  /// The last reading. Within the poller's dispatch it is younger than the event at hand, except
  /// for the work of handlers since that did not refresh it.
  [[nodiscard]] time_point now() const noexcept { return now_; }
  time_point refresh() noexcept { return now_ = read_(); }

  /// The sockets have just been looked at; `saw_all`: there are no more ready ones than are about
  /// to be served.
  void looked_at_sockets(bool saw_all) noexcept {
    unread_since_ = seen_all_;
    if (saw_all)
      seen_all_ = now_;
  }
  /// What is being read now arrived after this moment. Far in the past where the thread stood
  /// still, or where sockets are ready faster than they are served: then input may be old.
  [[nodiscard]] time_point unread_since() const noexcept { return unread_since_; }

 private:
  const source read_;
  time_point now_{read_()};
  time_point seen_all_{now_};
  time_point unread_since_{now_};
};

}  // namespace turnomatic::net
