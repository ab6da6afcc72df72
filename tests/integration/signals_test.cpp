// What signals do to the real program, also where it is the first process of a container.
#include "support/eventually.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

using steady = std::chrono::steady_clock;

// The same signal within this time is not a second one.
constexpr auto one_signal = 150ms;

TEST(signal_to_drain, is_sigterm_sigquit_or_sigpwr_and_the_balancer_is_told_first) {
  for (const int number : {SIGTERM, SIGQUIT, SIGPWR}) {
    server_process server{{"--drain-delay", "300ms"}};
    server.process().signal(number);
    ASSERT_TRUE(server.metric_becomes("turnomatic_ready", 0)) << number;
    EXPECT_EQ(server.get("/turno/a").status, 200) << number;
    const auto ending = server.process().wait(10s);
    ASSERT_TRUE(ending);
    EXPECT_TRUE(ending->exited && ending->code == EX_OK) << number;
  }
}

// What timeout(1) does. Not two signals: it would skip the drain, now and then.
TEST(signal_to_drain, sent_to_the_process_and_its_group_is_one) {
  server_process server{{"--drain-delay", "300ms"}};
  for (int i = 0; i < 3; ++i) {
    server.process().signal(SIGTERM);
    std::this_thread::sleep_for(1ms);  // the kernel would make one of them
  }
  const auto ending = server.process().wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
}

// What a parent does that passes on the SIGINT of a terminal as SIGTERM: the group has had it
// already. A connection keeps the drain open.
TEST(signal_to_drain, passed_on_under_another_name_is_one) {
  for (const auto& [first, second] : {std::pair{SIGINT, SIGTERM}, std::pair{SIGTERM, SIGINT}}) {
    server_process server{{"--drain-delay", "300ms"}};
    const tcp_client idle{server.port()};
    server.process().signal(first);
    std::this_thread::sleep_for(3ms);
    server.process().signal(second);
    const auto ending = server.process().wait(10s);
    ASSERT_TRUE(ending);
    EXPECT_TRUE(ending->exited && ending->code == EX_OK) << first;
  }
}

TEST(signal_to_drain, again_and_again_ends_at_once_however_fast_it_comes) {
  server_process server{{"--drain-delay", "1h"}};
  std::optional<child_process::ending> ending;
  for (int i = 0; i < 80 && !ending; ++i) {
    server.process().signal(SIGTERM);
    ending = server.process().wait(50ms);
  }
  ASSERT_TRUE(ending);
  EXPECT_FALSE(ending->exited);
  EXPECT_EQ(ending->code, SIGTERM);
}

TEST(signal_to_drain, is_logged_with_its_name_and_who_sent_it) {
  server_process server{{"--drain-delay", "1h"}};
  const auto by_us = [&server](const std::string& message, const std::string& signal) {
    const auto line = nlohmann::json::parse(server.process().read_line(10s).value_or("{}"));
    EXPECT_EQ(line.value("message", ""), message);
    EXPECT_EQ(line.value("signal", ""), signal);
    EXPECT_EQ(line.value("sender_pid", 0), ::getpid());
    EXPECT_EQ(line.value("sender_uid", ~0U), ::getuid());
  };
  server.process().signal(SIGUSR2);
  by_us("signal ignored", "SIGUSR2");
  server.process().signal(SIGQUIT);
  by_us("draining", "SIGQUIT");
  std::this_thread::sleep_for(one_signal);
  server.process().signal(SIGTERM);
  by_us("second signal: ending at once", "SIGTERM");
}

// What a shell without job control starts in the background.
TEST(signal_to_drain, of_a_terminal_stays_ignored_where_it_was) {
  server_process server{{"--drain-delay", "0ms"},
                        {.wrapper = {"/bin/sh", "-c", "trap '' INT QUIT; exec \"$@\"", "sh"}}};
  for (const int number : {SIGINT, SIGQUIT})
    server.process().signal(number);
  EXPECT_FALSE(server.process().wait(300ms)) << "it has ended";
  EXPECT_EQ(server.operations("/readyz").status, 200);
  server.process().signal(SIGTERM);
  const auto ending = server.process().wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
}

TEST(signal_to_reload, is_heard_though_nohup_ignores_it) {
  server_process server{{}, {.wrapper = {"/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh"}}};
  server.process().signal(SIGHUP);
  EXPECT_TRUE(server.metric_becomes("turnomatic_config_reloads_total{result=\"applied\"}", 1));
}

TEST(signal_to_drain, a_second_time_ends_at_once_by_that_signal) {
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) {
    server_process server{{"--drain-delay", "1h"}};
    server.process().signal(SIGTERM);
    ASSERT_TRUE(server.metric_becomes("turnomatic_ready", 0));
    std::this_thread::sleep_for(one_signal);
    const auto begin = steady::now();
    server.process().signal(number);
    const auto ending = server.process().wait(5s);
    ASSERT_TRUE(ending);
    EXPECT_LT(steady::now() - begin, 1s);
    EXPECT_FALSE(ending->exited);
    EXPECT_EQ(ending->code, number);
  }
}

TEST(signal_without_a_meaning, is_logged_and_survived) {
  for (const int number : {SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGXCPU, SIGTTIN,
                           SIGSTKFLT, SIGRTMIN + 3}) {
    server_process server;
    server.process().signal(number);
    const auto line = server.process().read_line(5s);
    ASSERT_TRUE(line) << number;
    EXPECT_NE(line->find("signal ignored"), std::string::npos) << *line;
    EXPECT_EQ(server.get("/turno/a").status, 200);
  }
}

TEST(signal_without_a_meaning, takes_one_line_a_second_however_often_it_comes) {
  server_process server;
  for (int i = 0; i < 1000; ++i)
    server.process().signal(SIGUSR1);
  server.process().signal(SIGINT);
  const std::string said = server.process().read_rest(10s);
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = said.find("SIGUSR1", at)) != std::string::npos; ++at)
    ++lines;
  EXPECT_GE(lines, 1U);
  EXPECT_LE(lines, 4U) << said;
}

TEST(signal_of_our_own_writing, is_ignored) {
  server_process server;
  for (const int number : {SIGPIPE, SIGXFSZ, SIGTTOU})
    server.process().signal(number);
  EXPECT_EQ(server.get("/turno/a").status, 200);
}

/// The server as the first process of a namespace of its own, as in a container.
class first_process : public testing::Test {
 protected:
  void SetUp() override {
    child_process attempt{{.arguments = {"/bin/true"}, .wrapper = in_namespace_}};
    const std::string said = attempt.read_rest(10s);
    const auto ending = attempt.wait(10s);
    if (!ending || !ending->exited || ending->code != 0)
      GTEST_SKIP() << "no process namespaces here: " << said;
  }

  [[nodiscard]] child_process::options contained() const { return {.wrapper = in_namespace_}; }

  // Its id as it is seen from outside; 0 if there is none (any more).
  static pid_t only_child_of(const child_process& wrapper) {
    const std::string id = std::to_string(wrapper.pid());
    pid_t found = 0;
    std::ifstream{"/proc/" + id + "/task/" + id + "/children"} >> found;
    return found;
  }

 private:
  const std::vector<std::string> in_namespace_{"/usr/bin/unshare", "--pid", "--fork",
                                               "--mount-proc", "--kill-child"};
};

TEST_F(first_process, drains_on_a_signal_like_any_other) {
  server_process server{{"--drain-delay", "0ms"}, contained()};
  const pid_t pid = only_child_of(server.process());
  ASSERT_GT(pid, 0);
  ::kill(pid, SIGTERM);
  const auto ending = server.process().wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
}

TEST_F(first_process, ends_at_once_on_the_second_signal_to_drain) {
  for (const int number : {SIGTERM, SIGINT, SIGQUIT}) {
    server_process server{{"--drain-delay", "1h"}, contained()};
    const pid_t pid = only_child_of(server.process());
    ASSERT_GT(pid, 0);
    ::kill(pid, SIGTERM);
    ASSERT_TRUE(server.metric_becomes("turnomatic_ready", 0));
    std::this_thread::sleep_for(one_signal);
    const auto begin = steady::now();
    ::kill(pid, number);
    const auto ending = server.process().wait(5s);
    ASSERT_TRUE(ending) << number;
    EXPECT_LT(steady::now() - begin, 1s);
    EXPECT_TRUE(ending->exited);
    EXPECT_EQ(ending->code, 128 + number);
  }
}

// Nobody reads its log: the flush before the end takes as long as it may.
TEST_F(first_process, ends_within_a_second_though_its_log_is_stuck) {
  server_process server{{"--drain-delay", "1h", "--log-access-sample", "1"}, contained()};
  const pid_t pid = only_child_of(server.process());
  ASSERT_GT(pid, 0);
  for (int i = 0; i < 1000; ++i)  // more than a pipe holds
    ASSERT_EQ(server.get("/turno/a").status, 200);
  ::kill(pid, SIGTERM);
  ASSERT_TRUE(server.metric_becomes("turnomatic_ready", 0));
  std::this_thread::sleep_for(one_signal);
  const auto begin = steady::now();
  ::kill(pid, SIGTERM);
  const auto ending = server.process().wait(5s);
  ASSERT_TRUE(ending);
  EXPECT_LT(steady::now() - begin, 1s);
  EXPECT_EQ(ending->code, 128 + SIGTERM);
}

// The wait for the log at the end: signals are not read any more, and still end the process.
TEST_F(first_process, ends_at_once_on_a_signal_during_the_final_stop) {
  server_process server{{"--log-access-sample", "1"}, contained()};
  const pid_t pid = only_child_of(server.process());
  ASSERT_GT(pid, 0);
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(server.get("/turno/a").status, 200);
  ::kill(pid, SIGINT);
  ASSERT_TRUE(eventually([&] {  // the operations thread stops last
    try {
      tcp_client probe{server.operations_port()};
      return false;
    } catch (const std::system_error&) {
      return true;
    }
  }));
  std::this_thread::sleep_for(one_signal);
  const auto begin = steady::now();
  ::kill(pid, SIGTERM);
  const auto ending = server.process().wait(5s);
  ASSERT_TRUE(ending);
  EXPECT_LT(steady::now() - begin, 1s);
  EXPECT_EQ(ending->code, 128 + SIGTERM);
}

TEST_F(first_process, ends_at_once_on_a_signal_that_comes_while_it_starts) {
  const temporary_directory directory;
  const std::string pipe = directory.path() + "/token";  // that nobody ever writes
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  auto options = contained();
  options.arguments = {server_path(), "--admin-token-file", pipe};
  child_process process{options};
  std::optional<child_process::ending> ending;
  // Again and again: the first may come before main does, and is lost.
  EXPECT_TRUE(eventually([&] {
    if (const pid_t pid = only_child_of(process); pid > 0)
      ::kill(pid, SIGTERM);
    return (ending = process.wait(20ms)).has_value();
  }));
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, 128 + SIGTERM);
}

}  // namespace
}  // namespace turnomatic::support
