// What signals do to the process.
#pragma once

#include "app/signal_request.hpp"

#include <turnomatic/turn.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>

namespace turnomatic::app {

/// First thing in main once descriptors 0 to 2 are open. From here on a signal that asks for a
/// drain ends the process at once until a `signal_inbox` attends. SIGINT and SIGQUIT stay ignored
/// if they are, as a shell has it for what it starts in the background; SIGHUP does not (nohup),
/// since it ends nothing here. Throws std::system_error if there is no descriptor left for the
/// pipe.
void take_over_signals();

/// Ends the process by this signal, without a core dump; as PID 1, which the kernel spares, with
/// exit status 128 + `number`. Async-signal-safe.
[[noreturn]] void end_by_signal(int number) noexcept;

/// A signal that has come, and from whom.
struct received_signal {
  int number;
  pid_t sender_pid;  ///< 0: the kernel, as for a key at the terminal, or another PID namespace
  uid_t sender_uid;
};

/// Brings signals to an event loop. One at a time, after `take_over_signals`.
///
/// The third signal that asks for a drain ends the process in its handler, whatever holds up the
/// loop. What the first two do is for the receiver to say. Any of them within 100 ms of the last
/// one that counted is the same one: it was sent to the process and to its group, or passed on by a
/// parent under another name.
class signal_inbox {
 public:
  using receiver = std::function<void(const received_signal& signal)>;

  /// `received` is called by `loop` with signals that ask for something: those that ask for a drain
  /// in the order of arrival, then one to reload, however often it came. The others are logged
  /// here, at most one a second.
  signal_inbox(boost::asio::io_context& loop, receiver received);
  ~signal_inbox();
  signal_inbox(const signal_inbox&) = delete;
  signal_inbox& operator=(const signal_inbox&) = delete;

  /// The loop will not run again: a signal that asks for a drain ends the process at once.
  void close() noexcept;

 private:
  void wait();
  void hand_out();
  void note(const received_signal& signal, std::uint32_t times);

  const receiver received_;
  boost::asio::readable_pipe pipe_;
  std::array<char, 64> wakes_;  // read into
  time_point noted_at_{};
  std::uint64_t unnoted_{0};  // since then
};

}  // namespace turnomatic::app
