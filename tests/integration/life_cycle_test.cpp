// From the first line to the last.
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"
#include "support/temporary_file.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sched.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

const std::string turn = "GET /turno/a HTTP/1.1\r\nHost: h\r\n\r\n";

child_process::ending run_program(const child_process::options& with, std::string* said = nullptr) {
  child_process process{with};
  const std::string all = process.read_rest(20s);
  if (said)
    *said = all;
  return process.wait(20s).value_or(child_process::ending{false, -1});
}

child_process::ending run_to_end(std::vector<std::string> arguments, std::string* said = nullptr,
                                 std::map<std::string, std::string> environment = {}) {
  arguments.insert(arguments.begin(), server_path());
  return run_program({.arguments = std::move(arguments), .environment = std::move(environment)},
                     said);
}

bool is_refused_within_10_s(std::uint16_t port) {
  for (int i = 0; i < 1000; ++i) {
    try {
      tcp_client probe{port};
    } catch (const std::system_error&) {
      return true;
    }
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(start, serves_a_first_turn) {
  server_process server;
  EXPECT_EQ(server.get("/turno/grupo1").body, R"({"id":"grupo1","turno":1})");
}

TEST(start, says_where_it_listens_and_that_memory_starts_again_at_1) {
  child_process process{{.arguments = {server_path(), "--listen", "127.0.0.1:0", "--ops-listen",
                                       "127.0.0.1:0", "--workers", "3", "--log-format", "json"}}};
  const auto line = process.read_line(20s);
  ASSERT_TRUE(line);
  const auto entry = nlohmann::json::parse(*line);
  EXPECT_EQ(entry["message"], "listening");
  EXPECT_EQ(entry["workers"], 3);
  EXPECT_EQ(entry["workers_limited_by"], "configuration");
  EXPECT_EQ(entry["backend"], "memory");
  EXPECT_NE(std::string{entry["note"]}.find("start again at 1"), std::string::npos);
}

TEST(start, refuses_a_port_that_another_instance_serves) {
  server_process first;
  const std::string taken = "127.0.0.1:" + std::to_string(first.port());
  for (const std::string& address : {taken, "0.0.0.0:" + std::to_string(first.port())}) {
    std::string said;
    const auto ending = run_to_end({"--listen", address, "--ops-listen", "127.0.0.1:0"}, &said);
    EXPECT_TRUE(ending.exited);
    EXPECT_EQ(ending.code, EX_UNAVAILABLE);
    EXPECT_EQ(said, "turnomatic: cannot listen on " + address + ": Address already in use\n");
  }
  EXPECT_EQ(first.get("/turno/a").status, 200);
}

TEST(start, refuses_an_operations_port_that_is_taken) {
  server_process first;
  const std::string taken = "127.0.0.1:" + std::to_string(first.operations_port());
  EXPECT_EQ(run_to_end({"--listen", "127.0.0.1:0", "--ops-listen", taken}).code, EX_UNAVAILABLE);
}

TEST(start, lets_only_one_of_many_instances_that_start_together_have_the_port) {
  std::uint16_t port = 0;
  {
    server_process scout;
    port = scout.port();
  }
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<child_process>> contenders;
    for (int i = 0; i < 4; ++i)
      contenders.push_back(std::make_unique<child_process>(child_process::options{
          .arguments = {server_path(), "--listen", "127.0.0.1:" + std::to_string(port),
                        "--ops-listen", "127.0.0.1:0", "--log-format", "json"}}));
    int listening = 0;
    for (const auto& each : contenders) {
      const auto line = each->read_line(20s);
      ASSERT_TRUE(line);
      listening += line->find("\"listening\"") != std::string::npos;
    }
    EXPECT_LE(listening, 1);
  }
}

TEST(start, reports_an_address_that_it_may_not_use) {
  std::string said;
  const auto ending =
      run_to_end({"--listen", "192.0.2.1:7017", "--ops-listen", "127.0.0.1:0"}, &said);
  EXPECT_EQ(ending.code, EX_UNAVAILABLE);
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1);
}

// What makes a program give up the privileges of root, which those who are not root have not.
std::vector<std::string> without_privileges() {
  if (::geteuid() != 0)
    return {};
  const std::string these = "-net_bind_service,-dac_override,-dac_read_search";
  return {"/usr/bin/setpriv", "--inh-caps=" + these, "--bounding-set=" + these};
}

class start_without_permission : public testing::Test {
 protected:
  void SetUp() override {
    if (prefix_.empty())
      return;
    std::vector<std::string> nothing = prefix_;
    nothing.emplace_back("/bin/true");
    std::string said;
    if (const auto ending = run_program({.arguments = nothing}, &said); ending.code != EX_OK)
      GTEST_SKIP() << "setpriv cannot take privileges away here: " << said;
  }

  child_process::ending run(const std::vector<std::string>& arguments, std::string& said) const {
    std::vector<std::string> all = prefix_;
    all.push_back(server_path());
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program({.arguments = std::move(all)}, &said);
  }

 private:
  const std::vector<std::string> prefix_ = without_privileges();
};

TEST_F(start_without_permission, for_a_port_says_so_in_one_line) {
  int first_for_everybody = 1024;
  std::ifstream{"/proc/sys/net/ipv4/ip_unprivileged_port_start"} >> first_for_everybody;
  if (first_for_everybody <= 1)
    GTEST_SKIP() << "everybody may listen on every port here";
  const std::string wanted = "127.0.0.1:1";
  const std::string free = "127.0.0.1:0";
  for (const auto& [callers, operators] : {std::pair{wanted, free}, {free, wanted}}) {
    std::string said;
    const auto ending = run({"--listen", callers, "--ops-listen", operators}, said);
    EXPECT_TRUE(ending.exited);
    EXPECT_EQ(ending.code, EX_UNAVAILABLE);
    EXPECT_EQ(said, "turnomatic: cannot listen on 127.0.0.1:1: Permission denied\n");
  }
}

TEST_F(start_without_permission, for_a_file_names_it_in_one_line) {
  const temporary_file file{"x"};
  ASSERT_EQ(::chmod(file.path().c_str(), 0), 0);
  for (const auto& [flag, code] :
       {std::pair{"--config", EX_CONFIG}, {"--admin-token-file", EX_UNAVAILABLE}}) {
    std::string said;
    const auto ending =
        run({flag, file.path(), "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"}, said);
    EXPECT_TRUE(ending.exited);
    EXPECT_EQ(ending.code, code) << flag;
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
    EXPECT_NE(said.find(file.path()), std::string::npos) << said;
    EXPECT_NE(said.find("ermission denied"), std::string::npos) << said;
  }
}

TEST(start, tells_usage_errors_from_configuration_errors) {
  EXPECT_EQ(run_to_end({"--no-such-flag"}).code, EX_USAGE);
  EXPECT_EQ(run_to_end({"--workers", "many"}).code, EX_USAGE);
  EXPECT_EQ(run_to_end({}, nullptr, {{"TURNOMATIC_WORKERS", "many"}}).code, EX_CONFIG);
  EXPECT_EQ(run_to_end({"--config", "/nonexistent.toml"}).code, EX_CONFIG);
  EXPECT_EQ(run_to_end({"--backend", "disk"}).code, EX_USAGE);
}

TEST(start, is_not_stopped_by_the_variables_of_a_linked_container) {
  server_process server{
      {}, {.environment = {{"TURNOMATIC_NAME", "/web/turnomatic"}, {"TURNOMATIC_ENV_X", "1"}}}};
  const auto line = server.process().read_line(10s);
  ASSERT_TRUE(line);
  EXPECT_EQ(nlohmann::json::parse(*line)["variables"], "TURNOMATIC_ENV_X,TURNOMATIC_NAME");
}

TEST(start, gives_way_with_connections_when_descriptors_are_few) {
  server_process server{{"--http-max-connections", "10000"}, {.open_files_max = 2000}};
  const double limit = server.metric("turnomatic_http_connections_limit");
  EXPECT_GT(limit, 1000);
  EXPECT_LT(limit, 2000);
}

// Each worker takes some of them before the first connection.
TEST(start, leaves_descriptors_for_operators_however_many_workers_there_are) {
  server_process server{{"--workers", "64"}, {.open_files_max = 1100}};
  const double limit = server.metric("turnomatic_http_connections_limit");
  EXPECT_GT(limit, 50);
  std::vector<std::unique_ptr<tcp_client>> clients;
  while (static_cast<double>(clients.size()) < limit + 300)
    clients.push_back(std::make_unique<tcp_client>(server.port()));
  EXPECT_TRUE(server.metric_becomes(
      "turnomatic_http_connections_refused_total{reason=\"connection_limit\"}", 300));
  EXPECT_EQ(server.metric(
                "turnomatic_http_connections_refused_total{reason=\"out_of_file_descriptors\"}"),
            0);
}

TEST(start, makes_a_worker_for_each_core_that_it_may_use) {
  cpu_set_t all;
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (std::size_t core = 0; CPU_COUNT(&one) == 0; ++core) {
    if (CPU_ISSET(core, &all))
      CPU_SET(core, &one);
  }
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  const server_process pinned;  // inherits it
  ASSERT_EQ(::sched_setaffinity(0, sizeof all, &all), 0);
  EXPECT_EQ(pinned.metric("turnomatic_workers"), 1);
  EXPECT_LE(server_process{}.metric("turnomatic_workers"), CPU_COUNT(&all));  // a quota may be less
}

TEST(start, says_so_when_an_answer_cannot_be_written) {
  for (const char* const flag : {"--help", "--version", "--check-config", "--print-config"}) {
    std::string said;
    const auto ending =
        run_program({.arguments = {server_path(), flag}, .output_file = "/dev/full"}, &said);
    EXPECT_EQ(ending.code, EX_UNAVAILABLE) << flag;
    EXPECT_EQ(said, "turnomatic: cannot write the answer\n") << flag;
  }
}

TEST(start, answers_questions_instead_of_serving) {
  for (const char* flag : {"--help", "--version", "--check-config", "--print-config"}) {
    const auto ending = run_to_end({flag});
    EXPECT_TRUE(ending.exited && ending.code == EX_OK) << flag;
  }
}

TEST(drain, on_sigterm_says_so_first_then_answers_what_comes_and_ends_with_0) {
  server_process server{{"--drain-delay", "600ms", "--drain-timeout", "5s"}};
  tcp_client client{server.port()};
  client.send(turn);
  ASSERT_EQ(client.read_answers(1).answers.size(), 1U);
  server.process().signal(SIGTERM);

  // During the delay it serves as before, new connections too, but is not ready.
  ASSERT_TRUE(server.metric_becomes("turnomatic_ready", 0));
  EXPECT_EQ(server.get("/readyz").status, 503);
  EXPECT_EQ(server.get("/livez").status, 200);
  client.send(turn);
  EXPECT_EQ(client.read_answers(2).answers.size(), 2U);

  // Behind it, a request on an open connection is still answered, as the last.
  ASSERT_TRUE(is_refused_within_10_s(server.port()));
  client.send(turn);
  const auto answers = client.read_answers(3).answers;
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[2].fields.at("connection"), "close");
  EXPECT_EQ(client.read_to_end(), tcp_client::end::closed);
  const auto ending = server.process().wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited);
  EXPECT_EQ(ending->code, EX_OK);
}

TEST(drain, on_sigint_does_not_wait_for_a_balancer) {
  server_process server{{"--drain-delay", "1h"}};
  const auto begin = std::chrono::steady_clock::now();
  server.process().signal(SIGINT);
  const auto ending = server.process().wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(drain, cuts_connections_that_do_not_end_in_time) {
  server_process server{{"--drain-timeout", "1s"}};
  tcp_client stuck{server.port()};
  stuck.send("GET /turno/a HT");  // a header that is never completed
  ASSERT_TRUE(server.metric_becomes("turnomatic_http_connections", 1));
  server.process().signal(SIGINT);
  const auto ending = server.process().wait(5s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
}

TEST(drain, ends_idle_connections_without_waiting_for_the_timeout) {
  server_process server{{"--drain-timeout", "1h"}};
  tcp_client idle{server.port()};
  idle.send(turn);
  ASSERT_EQ(idle.read_answers(1).answers.size(), 1U);
  server.process().signal(SIGINT);
  EXPECT_EQ(idle.read_to_end(), tcp_client::end::closed);
  const auto ending = server.process().wait(10s);
  ASSERT_TRUE(ending);
  EXPECT_TRUE(ending->exited && ending->code == EX_OK);
}

TEST(drain, answers_what_waits_in_the_backlog) {
  // One request on each of many connections, begun before the listeners close.
  for (int round = 0; round < 5; ++round) {
    server_process server{{"--workers", "2"}};
    server.process().signal(SIGSTOP);  // nothing is accepted from here on
    std::vector<tcp_client> waiting;
    for (int i = 0; i < 50; ++i) {
      waiting.emplace_back(server.port());
      waiting.back().send(turn);
    }
    server.process().signal(SIGINT);
    server.process().signal(SIGCONT);
    for (tcp_client& each : waiting)
      ASSERT_EQ(each.read_answers(1).statuses(), std::vector<int>{200});
    waiting.clear();
    const auto ending = server.process().wait(10s);
    ASSERT_TRUE(ending);
    EXPECT_TRUE(ending->exited && ending->code == EX_OK);
  }
}

// As a frozen container or a machine that moves to another host.
TEST(liveness, does_not_blame_the_event_loops_for_a_time_in_which_the_process_was_stopped) {
  server_process server{{"--workers", "2"}};
  server.process().signal(SIGSTOP);
  std::this_thread::sleep_for(6s);
  server.process().signal(SIGCONT);
  for (const auto end = std::chrono::steady_clock::now() + 1s;
       std::chrono::steady_clock::now() < end;) {
    ASSERT_EQ(server.operations("/livez").status, 200);
    ASSERT_EQ(server.operations("/degraded").body, "[]");
  }
}

TEST(reload, applies_what_can_change_and_names_what_cannot) {
  const temporary_file file{"[http]\nmax_connections = 100\n"};
  server_process server{{"--config", file.path(), "--workers", "1"}};
  EXPECT_EQ(server.metric("turnomatic_http_connections_limit"), 100);
  file.write("[http]\nmax_connections = 50\n[memory]\nmax_ids = 5\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(server.metric_becomes("turnomatic_config_reloads_total{result=\"applied\"}", 1));
  EXPECT_EQ(server.metric("turnomatic_http_connections_limit"), 50);
  EXPECT_EQ(server.metric("turnomatic_counters_limit{backend=\"memory\"}"), 1'000'000);
  std::string said;
  for (int i = 0; i < 2; ++i)
    said += server.process().read_line(5s).value_or("");
  EXPECT_NE(said.find("http.max_connections"), std::string::npos) << said;
  EXPECT_NE(said.find("memory.max_ids"), std::string::npos) << said;
}

TEST(reload, changes_nothing_if_anything_is_wrong) {
  const temporary_file file{"[http]\nmax_connections = 100\n"};
  server_process server{{"--config", file.path()}};
  file.write("[http]\nmax_connections = 50\nidle_timeout = 3\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(server.metric_becomes("turnomatic_config_reloads_total{result=\"rejected\"}", 1));
  EXPECT_EQ(server.metric("turnomatic_http_connections_limit"), 100);
  EXPECT_EQ(server.metric("turnomatic_config_last_reload_success"), 0);
  EXPECT_NE(server.operations("/degraded").body.find(file.path()), std::string::npos);
  const std::string bare = server.get("/degraded").body;
  EXPECT_NE(bare.find("configuration_rejected"), std::string::npos);
  EXPECT_EQ(bare.find(file.path()), std::string::npos) << "callers are strangers";
  EXPECT_EQ(bare.find("why"), std::string::npos);
  file.write("[http]\nmax_connections = 60\n");
  server.process().signal(SIGHUP);
  EXPECT_TRUE(server.metric_becomes("turnomatic_config_last_reload_success", 1));
  EXPECT_EQ(server.metric("turnomatic_http_connections_limit"), 60);
  EXPECT_EQ(server.operations("/degraded").body, "[]");
}

}  // namespace
}  // namespace turnomatic::support
