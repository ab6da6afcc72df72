#include "app/signal_request.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <utility>

namespace turnomatic::app {
namespace {

TEST(request_of, a_signal_is_by_the_table_that_the_readme_shows) {
  using enum signal_request;
  for (const auto& [number, request] : {
           std::pair{SIGTERM, drain},
           {SIGQUIT, drain},
           {SIGPWR, drain},
           {SIGINT, drain_without_delay},
           {SIGHUP, reload},
           {SIGUSR1, note},
           {SIGUSR2, note},
           {SIGALRM, note},
           {SIGVTALRM, note},
           {SIGPROF, note},
           {SIGIO, note},
           {SIGSTKFLT, note},
           {SIGXCPU, note},
           {SIGTTIN, note},
           {SIGRTMIN, note},
           {SIGRTMAX, note},
           {SIGPIPE, ignore},
           {SIGXFSZ, ignore},
           {SIGTTOU, ignore},
           // The kernel's, the shell's and those that report a defect.
           {SIGKILL, leave},
           {SIGSTOP, leave},
           {SIGTSTP, leave},
           {SIGCONT, leave},
           {SIGCHLD, leave},
           {SIGURG, leave},
           {SIGWINCH, leave},
           {SIGSEGV, leave},
           {SIGBUS, leave},
           {SIGFPE, leave},
           {SIGILL, leave},
           {SIGABRT, leave},
           {SIGSYS, leave},
           {SIGTRAP, leave},
           {SIGRTMIN - 1, leave},
           {0, leave},
           {65, leave},
       })
    EXPECT_EQ(request_of(number), request) << number;
}

TEST(name_of_signal, is_what_people_call_it) {
  EXPECT_EQ(name_of_signal(SIGUSR1), "SIGUSR1");
  EXPECT_EQ(name_of_signal(SIGRTMIN + 3), "signal " + std::to_string(SIGRTMIN + 3));
}

}  // namespace
}  // namespace turnomatic::app
