#include "app/signals.hpp"

#include "telemetry/log.hpp"

#include <boost/asio/buffer.hpp>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

namespace turnomatic::app {
namespace {

struct row {
  int number;
  signal_request request;
};

constexpr std::array rows{
    row{SIGTERM, signal_request::drain},
    // How nginx and others are told to finish what they have.
    row{SIGQUIT, signal_request::drain},
    // How LXC tells the first process of a container to halt.
    row{SIGPWR, signal_request::drain},
    // Pressed at a terminal, where nobody has a balancer.
    row{SIGINT, signal_request::drain_without_delay},
    row{SIGHUP, signal_request::reload},
    // What ends a process by default and says nothing that concerns us.
    row{SIGUSR1, signal_request::note},
    row{SIGUSR2, signal_request::note},
    row{SIGALRM, signal_request::note},
    row{SIGVTALRM, signal_request::note},
    row{SIGPROF, signal_request::note},
    row{SIGIO, signal_request::note},
    row{SIGSTKFLT, signal_request::note},
    row{SIGXCPU, signal_request::note},
    // It would stop us, and we never read from a terminal.
    row{SIGTTIN, signal_request::note},
    // These come of our own writing: the call fails (EPIPE, EFBIG), or goes through if ignored
    // (SIGTTOU: a job in the background of a terminal). A line about it could raise the next.
    row{SIGPIPE, signal_request::ignore},
    row{SIGXFSZ, signal_request::ignore},
    row{SIGTTOU, signal_request::ignore},
};

constexpr int signals_end = 65;  // _NSIG

constexpr std::chrono::seconds note_period{1};

bool ends(signal_request request) noexcept {
  return request == signal_request::drain || request == signal_request::drain_without_delay;
}

// What the handler uses. The write end is open from the first handler to the end of the process.
std::atomic<int> pipe_in{-1};
int pipe_out{-1};
std::atomic<bool> attended{false};
std::atomic<int> endings{0};
std::atomic<int> last_ending{0};
std::atomic<std::int64_t> last_ending_ns{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free &&
              std::atomic<std::int64_t>::is_always_lock_free);

constexpr int endings_max = 2;

// Faster than anybody who means it.
constexpr std::int64_t echo_ns = 100'000'000;

// timeout(1), a shell or a forwarding parent signals the process and then its group.
bool is_echo(int number) noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t now_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  const bool is_soon = now_ns - last_ending_ns.exchange(now_ns) < echo_ns;
  return last_ending.exchange(number) == number && is_soon;
}

void on_signal(int number) {
  const int saved = errno;
  if (ends(request_of(number))) {
    if (!attended)
      end_by_signal(number);
    if (is_echo(number)) {
      errno = saved;
      return;
    }
    if (++endings > endings_max)
      end_by_signal(number);
  }
  const auto byte = static_cast<std::uint8_t>(number);
  // A pipe that is full holds more signals than anybody needs to hear of.
  [[maybe_unused]] const ssize_t written = ::write(pipe_in, &byte, 1);
  errno = saved;
}

// Of a signal that says nothing to us a profiler may have made something already, and whoever
// started us may want it ignored.
bool is_spoken_for(int number) noexcept {
  struct sigaction before {};
  return ::sigaction(number, nullptr, &before) != 0 || before.sa_handler != SIG_DFL;
}

void handle(int number, void (*handler)(int)) noexcept {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

}  // namespace

signal_request request_of(int number) noexcept {
  const auto* const found =
      std::find_if(rows.begin(), rows.end(), [number](row each) { return each.number == number; });
  if (found != rows.end())
    return found->request;
  // Those between the last that has a name and SIGRTMIN belong to the C library.
  return number >= SIGRTMIN && number <= SIGRTMAX ? signal_request::note : signal_request::leave;
}

std::string name_of_signal(int number) {
  const char* const short_name = ::sigabbrev_np(number);
  return short_name != nullptr ? std::string{"SIG"} + short_name
                               : "signal " + std::to_string(number);
}

void take_over_signals() {
  std::array<int, 2> ends_of_pipe{};
  if (::pipe2(ends_of_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error{errno, std::system_category(), "cannot make a pipe for signals"};
  pipe_out = ends_of_pipe[0];
  pipe_in = ends_of_pipe[1];
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (int number = 1; number < signals_end; ++number) {
    const signal_request request = request_of(number);
    const bool asks_nothing = request == signal_request::note || request == signal_request::ignore;
    if (request == signal_request::leave || (asks_nothing && is_spoken_for(number)))
      continue;
    handle(number, request == signal_request::ignore ? SIG_IGN : on_signal);
    ::sigaddset(&wanted, number);
  }
  ::pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);  // the mask is inherited
}

void end_by_signal(int number) noexcept {
  ::prctl(PR_SET_DUMPABLE, 0);  // SIGQUIT would leave a core, and take its time
  handle(number, SIG_DFL);
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

void signal_inbox::close() noexcept {
  attended = false;
}

void signal_inbox::wait() {
  pipe_.async_read_some(boost::asio::buffer(&next_, 1),
                        [this](boost::system::error_code error, std::size_t) {
                          if (error)
                            return;
                          if (request_of(next_) == signal_request::note)
                            note(next_);
                          else
                            received_(next_);
                          wait();
                        });
}

void signal_inbox::note(int number) {
  const time_point now = clock::now();
  if (now - noted_at_ < note_period) {
    ++unnoted_;
    return;
  }
  noted_at_ = now;
  log::info("signal ignored",
            {{"signal", name_of_signal(number)}, {"ignored_before", std::exchange(unnoted_, 0)}});
}

}  // namespace turnomatic::app
