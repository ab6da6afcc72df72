#include "app/signals.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>
#include <vector>

namespace turnomatic::app {
namespace {

using namespace std::chrono_literals;
using numbers = std::vector<int>;

/// In a process of its own: handlers are the process's.
class signals : public testing::Test {
 protected:
  signals() { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }

  /// Exits with 0 if these signals, raised one after the other while the loop does not run, bring
  /// `expected` to the receiver.
  [[noreturn]] static void expect(const numbers& raised, const numbers& expected) {
    take_over_signals();
    boost::asio::io_context loop;
    numbers received;
    const signal_inbox inbox{
        loop, [&](const received_signal& signal) { received.push_back(signal.number); }};
    for (const int number : raised)
      ::raise(number);
    loop.run_for(10ms);
    std::_Exit(received == expected ? 0 : 1);
  }
};

const testing::ExitedWithCode succeeded{0};

TEST_F(signals, that_ask_for_a_drain_within_a_moment_are_one_whatever_their_names) {
  for (const int second : {SIGTERM, SIGINT, SIGQUIT, SIGPWR}) {
    EXPECT_EXIT(expect({SIGINT, second}, {SIGINT}), succeeded, "") << second;
    EXPECT_EXIT(expect({SIGTERM, second, second}, {SIGTERM}), succeeded, "") << second;
  }
}

// Old bytes in a pipe must not be in the way of what matters.
TEST_F(signals, that_say_nothing_hold_up_none_that_ask_for_something_however_many_there_are) {
  numbers many(100'000, SIGUSR1);  // a pipe holds 65,536
  many.push_back(SIGHUP);
  many.push_back(SIGTERM);
  EXPECT_EXIT(expect(many, {SIGTERM, SIGHUP}), succeeded, "");
}

TEST_F(signals, to_reload_are_one_while_nobody_has_heard_of_the_first) {
  EXPECT_EXIT(expect({SIGHUP, SIGHUP, SIGHUP}, {SIGHUP}), succeeded, "");
}

TEST_F(signals, come_with_their_sender) {
  const auto raise_one = [] {
    take_over_signals();
    boost::asio::io_context loop;
    const signal_inbox inbox{loop, [](const received_signal& signal) {
                               std::_Exit(signal.number == SIGTERM &&
                                                  signal.sender_pid == ::getpid() &&
                                                  signal.sender_uid == ::getuid()
                                              ? 0
                                              : 1);
                             }};
    ::kill(::getpid(), SIGTERM);
    loop.run_for(10s);
    std::_Exit(2);
  };
  EXPECT_EXIT(raise_one(), succeeded, "");
}

TEST_F(signals, end_the_process_at_once_while_nobody_attends) {
  const auto raise_one = [](int number) {
    take_over_signals();
    ::raise(number);
    std::_Exit(0);
  };
  EXPECT_EXIT(raise_one(SIGTERM), testing::KilledBySignal(SIGTERM), "");
  EXPECT_EXIT(raise_one(SIGINT), testing::KilledBySignal(SIGINT), "");
}

bool stays_ignored(int number) {
  ::signal(number, SIG_IGN);
  take_over_signals();
  struct sigaction now {};
  ::sigaction(number, nullptr, &now);
  return now.sa_handler == SIG_IGN;
}

TEST_F(signals, that_a_shell_ignores_for_the_background_stay_ignored) {
  for (const int number : {SIGINT, SIGQUIT, SIGUSR1})
    EXPECT_EXIT(std::_Exit(stays_ignored(number) ? 0 : 1), succeeded, "") << number;
  // An end must be possible, and nohup's SIGHUP ends nothing.
  for (const int number : {SIGTERM, SIGPWR, SIGHUP})
    EXPECT_EXIT(std::_Exit(stays_ignored(number) ? 1 : 0), succeeded, "") << number;
}

}  // namespace
}  // namespace turnomatic::app
