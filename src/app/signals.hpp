// What signals do to the process.
#pragma once

#include <turnomatic/turn.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace turnomatic::app {

/// What a signal asks of the process.
enum class signal_request : std::uint8_t {
  drain,                ///< serve on until the balancers know, then end
  drain_without_delay,  ///< the same, with no balancer to wait for
  reload,               ///< read the configuration again
  note,                 ///< nothing: it is logged and survived
  ignore,               ///< nothing, not even a line
  leave,                ///< not ours: what the kernel or a library does with it stays
};

/// Pure; for any number of signal(7), real-time signals included.
[[nodiscard]] signal_request request_of(int number) noexcept;
/// "SIGTERM"; "signal 40" for one without a name.
[[nodiscard]] std::string name_of_signal(int number);

/// First thing in main once descriptors 0 to 2 are open. From here on a signal that asks for a
/// drain ends the process at once until a `signal_inbox` attends. Throws std::system_error if
/// there is no descriptor left for the pipe.
void take_over_signals();

/// Ends the process by this signal, without a core dump; as PID 1, which the kernel spares, with
/// exit status 128 + `number`. Async-signal-safe.
[[noreturn]] void end_by_signal(int number) noexcept;

/// Brings signals to an event loop. One at a time, after `take_over_signals`.
///
/// The third signal that asks for a drain ends the process in its handler, whatever holds up the
/// loop. What the first two do is for the receiver to say. The same one again within 100 ms counts
/// as one: it was sent to the process and to its group.
class signal_inbox {
 public:
  using receiver = std::function<void(int number)>;

  /// `received` is called by `loop`, in the order of arrival, with signals that ask for
  /// something. The others are logged here, at most one a second.
  signal_inbox(boost::asio::io_context& loop, receiver received);
  ~signal_inbox();
  signal_inbox(const signal_inbox&) = delete;
  signal_inbox& operator=(const signal_inbox&) = delete;

  /// The loop will not run again: a signal that asks for a drain ends the process at once.
  void close() noexcept;

 private:
  void wait();
  void note(int number);

  const receiver received_;
  boost::asio::readable_pipe pipe_;
  std::uint8_t next_{0};  // read into
  time_point noted_at_{};
  std::uint64_t unnoted_{0};  // since then
};

}  // namespace turnomatic::app
