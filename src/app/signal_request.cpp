#include "app/signal_request.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

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

}  // namespace turnomatic::app
