#include "app/signals.hpp"

#include "telemetry/log.hpp"

#include <boost/asio/buffer.hpp>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <system_error>
#include <utility>

namespace turnomatic::app {
namespace {

constexpr int signals_end = 65;  // _NSIG

constexpr std::chrono::seconds note_period{1};

bool ends(signal_request request) noexcept {
  return request == signal_request::drain || request == signal_request::drain_without_delay;
}

constexpr int endings_max = 2;

// Faster than anybody who means it.
constexpr std::int64_t echo_ns = 100'000'000;

/// What the handler leaves for the loop. `times` is written last and taken first.
struct box {
  std::atomic<std::uint32_t> times{0};
  std::atomic<int> number{0};
  std::atomic<pid_t> pid{0};
  std::atomic<uid_t> uid{0};
};

// What the handler uses: on any thread, several at a time. The write end is open from the first
// handler to the end of the process.
std::atomic<int> pipe_in{-1};
int pipe_out{-1};
std::atomic<bool> attended{false};
std::atomic<int> endings{0};
std::atomic<std::int64_t> last_ending_ns{-echo_ns};
// First those that ask for a drain, in their order; then one for each number.
std::array<box, std::size_t{endings_max} + signals_end> boxes;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free &&
              std::atomic<std::int64_t>::is_always_lock_free &&
              std::atomic<uid_t>::is_always_lock_free && std::atomic<pid_t>::is_always_lock_free);

// timeout(1), a shell or a forwarding parent signals the process and then its group, or passes on
// what the terminal has sent to the group already. An echo has no echo of its own: who goes on
// asking is heard.
bool is_echo() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t now_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  std::int64_t last_ns = last_ending_ns;
  do {
    if (now_ns - last_ns < echo_ns)
      return true;
  } while (!last_ending_ns.compare_exchange_weak(last_ns, now_ns));
  return false;
}

void leave(box& in, int number, const siginfo_t& info) noexcept {
  // Of other codes these members are something else (sigaction(2)).
  const bool is_sent =
      info.si_code == SI_USER || info.si_code == SI_QUEUE || info.si_code == SI_TKILL;
  in.pid = is_sent ? info.si_pid : 0;
  in.uid = is_sent ? info.si_uid : 0;
  in.number = number;
  ++in.times;
  // A full pipe wakes the loop as well.
  [[maybe_unused]] const ssize_t written = ::write(pipe_in, "", 1);
}

void on_signal(int number, siginfo_t* info, void*) {
  const int saved = errno;
  if (!ends(request_of(number))) {
    leave(boxes[static_cast<std::size_t>(endings_max + number)], number, *info);
  } else if (!attended) {
    end_by_signal(number);
  } else if (!is_echo()) {
    const int before = endings++;
    if (before >= endings_max)
      end_by_signal(number);
    leave(boxes[static_cast<std::size_t>(before)], number, *info);
    if (!attended)
      end_by_signal(number);  // `close` may have looked into the box before
  }
  errno = saved;
}

// Of a signal that says nothing to us a profiler may have made something already, and whoever
// started us may want it ignored. SIGINT and SIGQUIT are ignored in what a shell starts in the
// background (POSIX, Shell Command Language 2.11): the keys of its terminal are not meant for us.
bool stays_as_it_is(int number) noexcept {
  struct sigaction before {};
  if (::sigaction(number, nullptr, &before) != 0)
    return true;
  switch (request_of(number)) {
    case signal_request::note:
    case signal_request::ignore:
      return before.sa_handler != SIG_DFL;
    case signal_request::drain:
    case signal_request::drain_without_delay:
      return (number == SIGINT || number == SIGQUIT) && before.sa_handler == SIG_IGN;
    case signal_request::reload:
      return false;
    case signal_request::leave:
      break;
  }
  return true;
}

void dispose(int number, void (*disposition)(int)) noexcept {
  struct sigaction action {};
  action.sa_handler = disposition;
  ::sigaction(number, &action, nullptr);
}

void handle(int number) noexcept {
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  ::sigfillset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

}  // namespace

void take_over_signals() {
  std::array<int, 2> ends_of_pipe{};
  if (::pipe2(ends_of_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error{errno, std::system_category(), "cannot make a pipe for signals"};
  pipe_out = ends_of_pipe[0];
  pipe_in = ends_of_pipe[1];
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (int number = 1; number < signals_end; ++number) {
    if (stays_as_it_is(number))
      continue;
    if (request_of(number) == signal_request::ignore)
      dispose(number, SIG_IGN);
    else
      handle(number);
    ::sigaddset(&wanted, number);
  }
  ::pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);  // the mask is inherited
}

void end_by_signal(int number) noexcept {
  ::prctl(PR_SET_DUMPABLE, 0);  // SIGQUIT would leave a core, and take its time
  dispose(number, SIG_DFL);
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, number);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(number);
  // Still here: the kernel drops signals with the default action of the first process of a
  // namespace, its own as well (pid_namespaces(7)).
  ::_exit(128 + number);
}

signal_inbox::signal_inbox(boost::asio::io_context& loop, receiver received)
    : received_{std::move(received)}, pipe_{loop, ::fcntl(pipe_out, F_DUPFD_CLOEXEC, 0)} {
  endings = 0;
  attended = true;
  wait();
}

signal_inbox::~signal_inbox() {
  close();
}

// A second signal that came when the loop had turned for the last time must not wait for what is
// still to be done.
void signal_inbox::close() noexcept {
  attended = false;
  const box& second = boxes[endings_max - 1];
  if (second.times > 0)
    end_by_signal(second.number);
}

void signal_inbox::wait() {
  pipe_.async_read_some(boost::asio::buffer(wakes_),
                        [this](boost::system::error_code error, std::size_t) {
                          if (error)
                            return;
                          hand_out();
                          wait();
                        });
}

void signal_inbox::hand_out() {
  for (box& each : boxes) {
    const std::uint32_t times = each.times.exchange(0);
    if (times == 0)
      continue;
    const received_signal signal{each.number, each.pid, each.uid};
    if (request_of(signal.number) == signal_request::note)
      note(signal, times);
    else
      received_(signal);
  }
}

void signal_inbox::note(const received_signal& signal, std::uint32_t times) {
  const time_point now = clock::now();
  if (now - noted_at_ < note_period) {
    unnoted_ += times;
    return;
  }
  noted_at_ = now;
  log::info("signal ignored", {{"signal", name_of_signal(signal.number)},
                               {"sender_pid", signal.sender_pid},
                               {"sender_uid", signal.sender_uid},
                               {"ignored_before", std::exchange(unnoted_, times - 1)}});
}

}  // namespace turnomatic::app
