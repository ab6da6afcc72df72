// The service manager's side: notifications and sockets handed over.
#include "support/eventually.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

// Receives what sd_notify sends. An abstract socket leaves no file behind.
class notify_socket {
 public:
  notify_socket() : name_{"@turnomatic-test-" + std::to_string(::getpid())} {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    name_.copy(where.sun_path, sizeof where.sun_path);
    where.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    bound_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&where), size) == 0;
  }
  ~notify_socket() { ::close(fd_); }
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;

  [[nodiscard]] bool bound() const { return bound_; }
  /// As many messages as there is room for: nobody's next one is taken until some are received.
  void fill() const {
    sockaddr_un where{};
    socklen_t size = sizeof where;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&where), &size);
    const int other = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    while (::sendto(other, "X=1", 3, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&where),
                    size) > 0) {
    }
    ::close(other);
  }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// Waits for a message that contains `text`.
  [[nodiscard]] bool receives(const std::string& text) const {
    for (int i = 0; i < 1000; ++i) {
      pollfd wanted{fd_, POLLIN, 0};
      if (::poll(&wanted, 1, 10'000) <= 0)
        return false;
      std::array<char, 1024> message;
      const ssize_t size = ::recv(fd_, message.data(), message.size(), 0);
      if (size > 0 && std::string_view{message.data(), static_cast<std::size_t>(size)}.find(text) !=
                          std::string_view::npos)
        return true;
    }
    return false;
  }

 private:
  const std::string name_;
  int fd_{-1};
  bool bound_{false};
};

int listening_socket_for_test() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      ::listen(fd, 128) != 0)
    return -1;
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in where{};
  socklen_t size = sizeof where;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.sin_port);
}

TEST(service_manager, is_told_when_the_instance_is_ready_and_when_it_stops) {
  const notify_socket manager;
  ASSERT_TRUE(manager.bound());
  server_process server{{"--drain-delay", "0ms"},
                        {.environment = {{"NOTIFY_SOCKET", manager.name()}}}};
  EXPECT_TRUE(manager.receives("READY=1"));
  server.process().signal(SIGHUP);
  EXPECT_TRUE(manager.receives("RELOADING=1"));
  EXPECT_TRUE(manager.receives("READY=1"));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(manager.receives("STOPPING=1"));
}

TEST(service_manager, is_asked_for_more_time_while_a_drain_goes_on) {
  const notify_socket manager;
  ASSERT_TRUE(manager.bound());
  server_process server{{"--drain-delay", "1h"},
                        {.environment = {{"NOTIFY_SOCKET", manager.name()}}}};
  server.process().signal(SIGTERM);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(manager.receives("EXTEND_TIMEOUT_USEC=10000000"));
}

TEST(service_manager, hears_the_watchdog) {
  const notify_socket manager;
  ASSERT_TRUE(manager.bound());
  server_process server{
      {}, {.environment = {{"NOTIFY_SOCKET", manager.name()}, {"WATCHDOG_USEC", "200000"}}}};
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(manager.receives("WATCHDOG=1"));
}

TEST(service_manager, that_does_not_read_holds_up_nothing_and_hears_the_rest_later) {
  const notify_socket manager;
  ASSERT_TRUE(manager.bound());
  manager.fill();
  server_process server{
      {"--drain-delay", "1h", "--drain-timeout", "1h"},
      {.environment = {{"NOTIFY_SOCKET", manager.name()}, {"WATCHDOG_USEC", "20000"}}}};
  EXPECT_EQ(server.operations("/readyz").status, 200);
  EXPECT_TRUE(eventually([&] {
    const std::string line = server.process().read_line(5s).value_or("");
    return line.find("the service manager does not take notifications") != std::string::npos;
  }));
  EXPECT_TRUE(manager.receives("READY=1"));
  manager.fill();
  server.process().signal(SIGTERM);
  EXPECT_TRUE(server.metric_becomes("turnomatic_ready", 0)) << "the drain begins";
  EXPECT_TRUE(manager.receives("STOPPING=1"));
  manager.fill();
  std::this_thread::sleep_for(150ms);  // a signal that comes sooner is the same one
  server.process().signal(SIGTERM);
  const auto ending = server.process().wait(5s);
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, SIGTERM);
}

TEST(service_manager, that_does_not_read_does_not_keep_the_drain_from_its_end) {
  const notify_socket manager;
  ASSERT_TRUE(manager.bound());
  server_process server{
      {"--drain-delay", "2s", "--drain-timeout", "1s"},
      {.environment = {{"NOTIFY_SOCKET", manager.name()}, {"WATCHDOG_USEC", "20000"}}}};
  server.process().signal(SIGTERM);
  const auto ending = server.process().wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
}

TEST(service_manager, at_an_address_that_cannot_be_is_named_in_the_log) {
  server_process server{{}, {.environment = {{"NOTIFY_SOCKET", "vsock:2:1234"}}}};
  const std::string line = server.process().read_line(5s).value_or("");
  EXPECT_NE(line.find("the service manager does not take notifications"), std::string::npos)
      << line;
  EXPECT_EQ(server.get("/turno/a").status, 200);
}

TEST(handed_over_socket, is_served_by_every_worker_instead_of_the_configured_address) {
  const int fd = listening_socket_for_test();
  ASSERT_GE(fd, 0);
  server_process server{{"--workers", "2"}, {.inherited_socket = fd}};
  EXPECT_EQ(server.port(), port_of(fd));
  for (int i = 1; i <= 20; ++i)
    EXPECT_EQ(server.get("/turno/a").body, "{\"id\":\"a\",\"turno\":" + std::to_string(i) + "}");
  ::close(fd);
}

// How often each worker of a process has gone to sleep, and so been woken.
std::map<std::string, std::uint64_t> sleeps_of_workers(pid_t pid) {
  std::map<std::string, std::uint64_t> sleeps;
  const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator{tasks}) {
    std::string name;
    std::ifstream{task.path() / "comm"} >> name;
    if (!name.starts_with("worker-"))
      continue;
    std::ifstream status{task.path() / "status"};
    for (std::string field; status >> field;) {
      std::uint64_t count = 0;
      if (field == "voluntary_ctxt_switches:" && status >> count)
        sleeps[name] = count;
    }
  }
  return sleeps;
}

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts)
    sum += count;
  return sum;
}

TEST(handed_over_socket, wakes_few_of_many_workers_for_a_connection) {
  constexpr std::uint64_t workers = 16;
  constexpr std::uint64_t connections = 100;
  const int fd = listening_socket_for_test();
  ASSERT_GE(fd, 0);
  server_process server{{"--workers", std::to_string(workers)}, {.inherited_socket = fd}};
  const auto begun = std::chrono::steady_clock::now();
  const std::uint64_t before = sum_of(sleeps_of_workers(server.process().pid()));
  for (std::uint64_t i = 0; i < connections; ++i)
    ASSERT_EQ(server.get("/livez").status, 200);
  const std::uint64_t slept = sum_of(sleeps_of_workers(server.process().pid())) - before;
  // Each worker wakes four times a second besides.
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
  const std::uint64_t ticks = workers * 4 * static_cast<std::uint64_t>(seconds.count());
  EXPECT_LT(slept, connections * workers / 2 + ticks);
  ::close(fd);
}

TEST(handed_over_socket, gives_every_worker_its_share_of_connections) {
  const int fd = listening_socket_for_test();
  ASSERT_GE(fd, 0);
  server_process server{{"--workers", "4"}, {.inherited_socket = fd}};
  std::vector<tcp_client> clients;
  for (int i = 0; i < 80; ++i)
    clients.emplace_back(server.port());
  auto before = sleeps_of_workers(server.process().pid());
  for (tcp_client& each : clients) {
    ASSERT_TRUE(each.send("GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n"));
    ASSERT_EQ(each.read_answers(1).answers.size(), 1U);
  }
  const auto after = sleeps_of_workers(server.process().pid());
  EXPECT_EQ(after.size(), 4U);
  for (const auto& [worker, count] : after)
    EXPECT_GE(count - before[worker], 10U) << worker << " was woken for 20 requests";
  ::close(fd);
}

TEST(handed_over_socket, named_ops_is_for_operators) {
  const int fd = listening_socket_for_test();
  ASSERT_GE(fd, 0);
  server_process server{{}, {.inherited_socket = fd, .inherited_name = "ops"}};
  EXPECT_EQ(server.operations_port(), port_of(fd));
  EXPECT_NE(server.port(), port_of(fd));
  EXPECT_EQ(server.operations("/livez").status, 200);
  ::close(fd);
}

/// Takes turns of one id until it is told to stop, as fast as it is answered.
class steady_client {
 public:
  enum class manner { connection_per_request, keeps_connections };

  steady_client(std::uint16_t port, manner how)
      : thread_{[this, port, how](const std::stop_token& stop) {
          while (!stop.stop_requested() && take_turns(stop, port, how)) {
          }
        }} {}

  /// The turns that it was given. `failure` says what else it saw.
  std::vector<std::uint64_t> stop() {
    thread_.request_stop();
    thread_.join();
    return std::move(turns_);
  }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  // On one connection; false if anything but a turn came of a request.
  bool take_turns(const std::stop_token& stop, std::uint16_t port, manner how) {
    const bool keeps = how == manner::keeps_connections;
    const std::string close = keeps ? "" : "Connection: close\r\n";
    try {
      tcp_client client{port};
      for (bool goes_on = true; goes_on && !stop.stop_requested();) {
        client.forget_received();
        client.send("POST /turno/a HTTP/1.1\r\nHost: h\r\n" + close + "\r\n");
        const auto parsed = client.read_answers(1);
        if (parsed.answers.empty() || turn_of(parsed.answers[0].body, "a") == 0) {
          failure_ = "a request got: " + client.received();
          return false;
        }
        turns_.push_back(turn_of(parsed.answers[0].body, "a"));
        taken_ = turns_.size();
        goes_on = !parsed.answers[0].fields.contains("connection");
      }
    } catch (const std::system_error& error) {
      failure_ = error.what();
      return false;
    }
    return true;
  }

  std::vector<std::uint64_t> turns_;
  std::string failure_;
  std::atomic<std::size_t> taken_{0};
  std::jthread thread_;
};

TEST(handed_over_socket, passes_to_the_next_generation_with_every_request_answered) {
  const int fd = listening_socket_for_test();
  ASSERT_GE(fd, 0);
  const std::vector<std::string> arguments{"--workers", "2", "--drain-delay", "200ms"};
  server_process old{arguments, {.inherited_socket = fd}};
  steady_client brief{port_of(fd), steady_client::manner::connection_per_request};
  steady_client lasting{port_of(fd), steady_client::manner::keeps_connections};
  const auto both_go_on = [&] {
    const std::size_t brief_before = brief.taken();
    const std::size_t lasting_before = lasting.taken();
    return eventually(
        [&] { return brief.taken() > brief_before + 20 && lasting.taken() > lasting_before + 20; },
        10s);
  };
  ASSERT_TRUE(both_go_on());

  const server_process next{arguments, {.inherited_socket = fd}};
  EXPECT_EQ(next.port(), old.port());
  EXPECT_TRUE(both_go_on()) << "two generations side by side";
  old.process().signal(SIGTERM);
  const auto ending = old.process().wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
  EXPECT_TRUE(both_go_on()) << "the next one alone";

  std::map<std::uint64_t, int> times_given;
  for (steady_client* each : {&brief, &lasting}) {
    for (const std::uint64_t turn : each->stop())
      ++times_given[turn];
    EXPECT_EQ(each->failure(), "");
  }
  // Counters in memory begin anew in each process, and each has counted without a gap.
  std::uint64_t expected = 1;
  int generations = 2;
  for (const auto& [turn, times] : times_given) {
    ASSERT_EQ(turn, expected++);
    ASSERT_LE(times, generations) << turn;
    generations = times;
  }
  EXPECT_EQ(times_given[1], 2);
  ::close(fd);
}

TEST(handed_over_socket, that_does_not_listen_is_an_error_in_one_line) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  child_process process{{.arguments = {server_path()}, .inherited_socket = fd}};
  EXPECT_EQ(process.read_rest(20s),
            "turnomatic: cannot take over descriptor 3: not a listening socket of TCP or a unix "
            "socket\n");
  const auto ending = process.wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->code, EX_UNAVAILABLE);
  ::close(fd);
}

}  // namespace
}  // namespace turnomatic::support
