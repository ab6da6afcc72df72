// Too little memory, too few threads or descriptors: what the program says before it ends.
#include "support/eventually.hpp"
#include "support/sanitized.hpp"
#include "support/server_process.hpp"
#include "support/tcp_client.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sysexits.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <system_error>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

class shortage : public testing::Test {
 protected:
  void SetUp() override {
    if (is_sanitized)
      GTEST_SKIP() << "a sanitizer needs more address space than this leaves";
  }

  /// What the program says, in one line, when it does not start.
  static std::string refusal(const std::vector<std::string>& limits,
                             const std::vector<std::string>& arguments,
                             std::optional<unsigned> open_files_max = {}) {
    std::vector<std::string> all{server_path(), "--listen", "127.0.0.1:0", "--ops-listen",
                                 "127.0.0.1:0"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<std::string> wrapper{"/usr/bin/prlimit"};
    wrapper.insert(wrapper.end(), limits.begin(), limits.end());
    child_process process{{.arguments = all, .wrapper = wrapper, .open_files_max = open_files_max}};
    std::string said = process.read_rest(20s);
    const auto ending = process.wait(10s);
    EXPECT_TRUE(ending && ending->exited && ending->code == EX_UNAVAILABLE) << said;
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
    return said;
  }
};

TEST_F(shortage, of_memory_for_the_ids_names_the_key_and_the_size) {
  EXPECT_EQ(refusal({"--as=1000000000"}, {"--memory-max-ids", "100000000"}),
            "turnomatic: memory.max_ids = 100000000: no memory for a table of 9677 MiB\n");
}

TEST_F(shortage, of_memory_for_threads_names_the_key_and_how_many_there_were_to_be) {
  // Stacks of 64 MiB each.
  EXPECT_EQ(refusal({"--as=2147483648", "--stack=67108864"},
                    {"--workers", "64", "--memory-max-ids", "1000"})
                .substr(0, 40),
            "turnomatic: workers = 64: cannot start w");
}

TEST_F(shortage, of_descriptors_names_the_limit_and_how_many_are_needed) {
  EXPECT_EQ(refusal({}, {"--workers", "64", "--http-max-connections", "1"}, 100),
            "turnomatic: workers = 64: at least 974 file descriptors are needed, 3306 for "
            "http.max_connections = 1; the limit (RLIMIT_NOFILE) is 100\n");
  EXPECT_EQ(refusal({}, {"--workers", "1"}, 20),
            "turnomatic: workers = 1: at least 92 file descriptors are needed, 10596 for "
            "http.max_connections = 10000; the limit (RLIMIT_NOFILE) is 20\n");
}

TEST_F(shortage, of_descriptors_beyond_the_least_is_made_up_for_by_connections) {
  server_process server{{"--workers", "1"}, {.open_files_max = 92}};
  EXPECT_EQ(server.get("/turno/a").status, 200);
  EXPECT_EQ(server.operations("/livez").status, 200);
  EXPECT_GE(server.metric("turnomatic_http_connections_limit"), 2);
}

// An exception that nobody expects, in a worker.
TEST_F(shortage, of_memory_while_it_serves_ends_the_process_with_its_text) {
  server_process server{{"--workers", "1", "--memory-max-ids", "1000"}};
  const rlimit nothing_more{1, 1};
  ASSERT_EQ(::prlimit(server.process().pid(), RLIMIT_AS, &nothing_more, nullptr), 0);
  ASSERT_EQ(::prlimit(server.process().pid(), RLIMIT_DATA, &nothing_more, nullptr), 0);
  std::vector<tcp_client> clients;
  ASSERT_TRUE(eventually([&] {
    try {
      clients.emplace_back(server.port());
      clients.back().send("GET /turno/a HTTP/1.1\r\nX: " + std::string(1000, 'x'));
    } catch (const std::system_error&) {
    }
    return server.process().wait(1ms).has_value();
  }));
  const auto ending = server.process().wait(1s);
  ASSERT_TRUE(ending);
  EXPECT_FALSE(ending->exited);
  EXPECT_EQ(ending->code, SIGABRT);
  EXPECT_NE(server.process().read_rest(5s).find("uncaught exception"), std::string::npos);
}

}  // namespace
}  // namespace turnomatic::support
