// The Redis that other tests run: that it does what they will rely on.
#include "support/redis_process.hpp"

#include "support/child_process.hpp"
#include "support/loopback.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

const auto ok = redis_reply::simple("OK");
const auto pong = redis_reply::simple("PONG");

redis_reply ask(std::uint16_t port, const std::vector<std::string>& words) {
  return redis_client{port}.command(words);
}

TEST(redis_process, answers_on_a_port_and_on_a_socket_of_its_own) {
  redis_process redis;
  EXPECT_EQ(ask(redis.port(), {"SET", "a", "1"}), ok);
  EXPECT_EQ(redis.command({"GET", "a"}), redis_reply::bulk("1"));
  EXPECT_EQ(redis_client{redis.socket_path()}.command({"INCR", "a"}), redis_reply::integer(2));
  EXPECT_EQ(redis.url(), "redis://127.0.0.1:" + std::to_string(redis.port()));
}

TEST(redis_process, does_without_a_port) {
  redis_process redis{{.tcp = false}};
  EXPECT_EQ(redis.port(), 0);
  EXPECT_EQ(redis.command({"PING"}), pong);
  EXPECT_EQ(redis.url(), "unix://" + redis.socket_path());
}

TEST(redis_process, leaves_neither_a_process_nor_a_file_behind) {
  std::filesystem::path directory;
  pid_t pid = 0;
  {
    const redis_process redis{{.append_only = true}};
    directory = std::filesystem::path{redis.socket_path()}.parent_path();
    pid = redis.pid();
    EXPECT_TRUE(std::filesystem::exists(directory / "appendonlydir"));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid)));
}

TEST(redis_process, keeps_append_only_data_over_a_kill_and_a_restart_on_its_port) {
  redis_process redis{{.append_only = true}};
  const std::uint16_t port = redis.port();
  for (int turn = 1; turn <= 3; ++turn) {
    EXPECT_EQ(ask(port, {"INCR", "a"}), redis_reply::integer(turn));
    redis.kill();
    EXPECT_THROW(ask(port, {"PING"}), std::runtime_error);
    redis.restart();
    EXPECT_EQ(redis.port(), port);
    EXPECT_EQ(ask(port, {"GET", "a"}), redis_reply::bulk(std::to_string(turn)));
  }
}

// What binding to it, without SO_REUSEADDR, fails with. The kernel makes the same check before it
// gives a port to somebody who names none.
int error_of_binding(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in where = loopback_address(port);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
  const int error = bound ? 0 : errno;
  ::close(fd);
  return error;
}

TEST(redis_process, keeps_its_port_for_itself_while_it_is_down) {
  redis_process redis;
  redis.kill();
  EXPECT_EQ(error_of_binding(redis.port()), EADDRINUSE);
  redis.restart();
  EXPECT_EQ(ask(redis.port(), {"PING"}), pong);
}

TEST(redis_process, forgets_over_a_restart_what_it_was_not_told_to_keep) {
  redis_process redis;
  redis.command({"SET", "a", "1"});
  redis.restart();
  EXPECT_EQ(redis.command({"GET", "a"}), redis_reply::nil());
}

TEST(redis_process, halts_with_what_it_is_sent_and_goes_on) {
  redis_process redis;
  redis_client before{redis.port()};
  EXPECT_EQ(before.command({"PING"}), pong);
  redis.stop_answering();
  redis.stop_answering();  // which it did already
  before.send({"INCR", "a"});
  redis_client meanwhile{redis.port()};
  meanwhile.send({"PING"});
  EXPECT_FALSE(before.read_within(50ms));
  EXPECT_FALSE(meanwhile.read_within(50ms));
  redis.go_on();
  EXPECT_EQ(before.read(), redis_reply::integer(1));
  EXPECT_EQ(meanwhile.read(), pong);
}

TEST(redis_process, can_be_killed_and_started_again_while_it_is_halted) {
  redis_process redis;
  redis.stop_answering();
  redis.restart();
  EXPECT_EQ(redis.command({"PING"}), pong);
  redis.stop_answering();
  redis.kill();
  redis.kill();
  redis.restart();
  EXPECT_EQ(redis.command({"PING"}), pong);
}

TEST(redis_process, asks_for_a_password) {
  redis_process redis{{.password = "a b\"@c"}};
  redis_client client{redis.port()};
  EXPECT_EQ(client.command({"PING"}).text, "NOAUTH Authentication required.");
  EXPECT_EQ(client.command({"AUTH", "a b\"@c"}), ok);
  EXPECT_EQ(redis.command({"PING"}), pong);
  EXPECT_EQ(redis.url(), "redis://:a%20b%22%40c@127.0.0.1:" + std::to_string(redis.port()));
}

TEST(redis_process, lets_a_user_do_what_the_rules_allow) {
  redis_process redis{{.user = {{.name = "counter", .password = "x", .rules = "~c:* +incr"}}}};
  redis_client client{redis.port()};
  EXPECT_EQ(client.command({"AUTH", "counter", "x"}), ok);
  EXPECT_EQ(client.command({"INCR", "c:a"}), redis_reply::integer(1));
  EXPECT_TRUE(client.command({"INCR", "d:a"}).text.starts_with("NOPERM"));
  EXPECT_TRUE(client.command({"GET", "c:a"}).text.starts_with("NOPERM"));
  EXPECT_EQ(redis.command({"GET", "c:a"}), redis_reply::bulk("1"));
  EXPECT_TRUE(redis.url().starts_with("redis://counter:x@127.0.0.1:"));
}

TEST(redis_process, refuses_to_write_when_its_memory_is_full) {
  redis_process redis{{.memory_max_bytes = 1}};
  EXPECT_TRUE(redis.command({"SET", "a", "1"}).text.starts_with("OOM"));
}

TEST(redis_process, is_given_further_arguments_at_every_start) {
  redis_process redis{{.arguments = {"--maxclients", "123"}}};
  const auto expected =
      redis_reply::array({redis_reply::bulk("maxclients"), redis_reply::bulk("123")});
  EXPECT_EQ(redis.command({"CONFIG", "GET", "maxclients"}), expected);
  redis.restart();
  EXPECT_EQ(redis.command({"CONFIG", "GET", "maxclients"}), expected);
}

TEST(redis_process, says_why_it_cannot_start) {
  try {
    const redis_process redis{{.arguments = {"--maxclients", "many"}}};
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string{error.what()}.find("maxclients"), std::string::npos) << error.what();
  }
}

TEST(redis_process, does_not_get_into_the_way_of_others) {
  std::list<redis_process> all;
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 5; ++i) {
    ports.insert(all.emplace_back().port());
    EXPECT_EQ(all.back().command({"SET", "number", std::to_string(i)}), ok);
  }
  EXPECT_EQ(ports.size(), all.size());
  int i = 0;
  for (redis_process& each : all)
    EXPECT_EQ(ask(each.port(), {"GET", "number"}), redis_reply::bulk(std::to_string(i++)));
}

TEST(redis_client, reads_the_replies_to_a_pipeline_in_order) {
  redis_process redis;
  redis_client client = redis.connect();
  for (int i = 0; i < 1000; ++i)
    client.send({"INCR", "a"});
  for (int i = 1; i <= 1000; ++i)
    ASSERT_EQ(client.read(), redis_reply::integer(i));
  EXPECT_EQ(client.command({"MGET", "a", "none"}),
            redis_reply::array({redis_reply::bulk("1000"), redis_reply::nil()}));
  EXPECT_EQ(client.command({"NONE"}).type, redis_reply::kind::error);
}

// Names a store in the environment, as whoever runs the tests may have done before.
class named_store {
 public:
  explicit named_store(const char* path) {
    if (const char* const before = std::getenv("TURNOMATIC_TEST_STORE"))
      before_ = before;
    ::setenv("TURNOMATIC_TEST_STORE", path, 1);
  }
  ~named_store() {
    if (before_)
      ::setenv("TURNOMATIC_TEST_STORE", before_->c_str(), 1);
    else
      ::unsetenv("TURNOMATIC_TEST_STORE");
  }
  named_store(const named_store&) = delete;
  named_store& operator=(const named_store&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST(redis_process, runs_the_program_that_the_environment_names) {
  const named_store named{"/no/such/store"};
  try {
    const redis_process process;
    ADD_FAILURE() << "another program was started";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string{error.what()}.find("/no/such/store"), std::string::npos) << error.what();
  }
}

TEST(redis_process, is_not_named_to_the_program_under_test) {
  const named_store named{"/no/such/store"};
  child_process program{{.arguments = {"/bin/sh", "-c", "echo ${TURNOMATIC_TEST_STORE-none} >&2"}}};
  EXPECT_EQ(program.read_line(std::chrono::seconds{10}), "none");
}

}  // namespace
}  // namespace turnomatic::support
