// Serving on unix sockets: the file, its permissions and its end.
#include "support/any_address.hpp"
#include "support/eventually.hpp"
#include "support/listening_server.hpp"
#include "support/temporary_directory.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

class unix_socket : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> arguments(const std::string& more = {}) const {
    return {"--listen",    "unix:" + path_ + more, "--ops-listen",
            "127.0.0.1:0", "--drain-delay",        "0ms"};
  }

  // What a start that fails says, or nothing if it does not fail.
  [[nodiscard]] std::string failure() const {
    std::vector<std::string> all = arguments();
    all.insert(all.begin(), server_path());
    child_process process{{.arguments = std::move(all)}};
    std::string said = process.read_rest(20s);
    const auto ending = process.wait(20s);
    return ending && ending->code == EX_UNAVAILABLE ? said : "";
  }

  [[nodiscard]] std::uint64_t take_turn() const {
    const auto answer = fetch_from_unix(path_, "/turno/a");
    return answer ? turn_of(answer->body, "a") : 0;
  }

  // As a process leaves it that was killed.
  void leave_stale_file() const { ::close(listen_on_unix(path_)); }

  const temporary_directory directory_;
  const std::string path_ = directory_.file("turnomatic.sock");
};

unsigned mode_of(const std::string& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 0777U;
}

TEST_F(unix_socket, is_served_by_all_workers_and_gone_in_the_end) {
  auto with = arguments();
  with.insert(with.end(), {"--workers", "2", "--log-access-sample", "1"});
  listening_server server{with};
  EXPECT_EQ(server.address(), "unix:" + path_);
  for (std::uint64_t i = 1; i <= 5; ++i)
    EXPECT_EQ(take_turn(), i);
  const auto line = server.process().read_line(10s);
  ASSERT_TRUE(line);
  EXPECT_NE(line->find(R"("peer":"unix")"), std::string::npos) << *line;
  server.process().signal(SIGTERM);
  const auto ending = server.process().wait(20s);
  EXPECT_TRUE(ending && ending->exited && ending->code == EX_OK);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(unix_socket, is_for_its_owner_and_group_unless_said_otherwise) {
  {
    const listening_server server{arguments()};
    EXPECT_EQ(mode_of(path_), 0660U);
  }
  const listening_server server{arguments("?mode=0606")};
  EXPECT_EQ(mode_of(path_), 0606U);
}

TEST_F(unix_socket, of_operators_stays_to_the_end_of_a_drain) {
  listening_server server{
      {"--listen", "127.0.0.1:0", "--ops-listen", "unix:" + path_, "--drain-delay", "200ms"}};
  EXPECT_EQ(server.operations(), "unix:" + path_);
  server.process().signal(SIGTERM);
  EXPECT_TRUE(eventually([this] {
    const auto answer = fetch_from_unix(path_, "/readyz");
    return answer && answer->status == 503;
  }));
  EXPECT_TRUE(server.process().wait(20s));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(unix_socket, that_a_killed_instance_left_is_replaced) {
  {
    const listening_server killed{arguments()};  // by its end
  }
  ASSERT_TRUE(std::filesystem::exists(path_));
  const listening_server next{arguments()};
  EXPECT_EQ(take_turn(), 1U);
}

TEST_F(unix_socket, that_is_served_is_refused_to_a_second_instance) {
  const listening_server first{arguments()};
  EXPECT_EQ(failure(), "turnomatic: cannot listen on unix:" + path_ + ": Address already in use\n");
  EXPECT_EQ(take_turn(), 1U);
}

TEST_F(unix_socket, that_is_stale_is_had_by_one_of_many_instances_that_start_together) {
  for (int round = 0; round < 5; ++round) {
    std::filesystem::remove(path_);
    leave_stale_file();
    std::vector<std::unique_ptr<child_process>> contenders;
    for (int i = 0; i < 4; ++i) {
      auto all = arguments();
      all.insert(all.begin(), {server_path(), "--log-format", "json"});
      contenders.push_back(
          std::make_unique<child_process>(child_process::options{.arguments = std::move(all)}));
    }
    int listening = 0;
    for (const auto& each : contenders) {
      const auto line = each->read_line(20s);
      ASSERT_TRUE(line);
      listening += line->find("\"listening\"") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(listening, 1);
  }
}

/// Holds flock(2) of a file or a directory.
class held_lock {
 public:
  explicit held_lock(const std::string& path) : fd_{::open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
    EXPECT_EQ(::flock(fd_, LOCK_EX), 0);
  }
  ~held_lock() { ::close(fd_); }
  held_lock(const held_lock&) = delete;
  held_lock& operator=(const held_lock&) = delete;

 private:
  const int fd_;
};

// Whoever may read the directory may lock it.
TEST_F(unix_socket, is_served_though_somebody_has_locked_its_directory) {
  const held_lock lock{directory_.path()};
  const listening_server server{arguments()};
  EXPECT_EQ(take_turn(), 1U);
}

TEST_F(unix_socket, has_a_lock_beside_it_that_is_ours_alone_and_stays) {
  const std::string lock = path_ + ".lock";
  for (int round = 0; round < 2; ++round) {
    listening_server server{arguments()};
    EXPECT_EQ(mode_of(lock), 0600U);
    server.process().signal(SIGTERM);
    EXPECT_TRUE(server.process().wait(20s));
    EXPECT_FALSE(std::filesystem::exists(path_));
    EXPECT_TRUE(std::filesystem::exists(lock));
  }
}

TEST_F(unix_socket, is_refused_where_the_lock_cannot_be_had) {
  const std::string lock = path_ + ".lock";
  const std::string refused = "turnomatic: cannot listen on unix:" + path_ + ": ";
  directory_.write("turnomatic.sock.lock", "");
  {
    const held_lock held{lock};
    EXPECT_EQ(failure(), refused + "cannot lock " + lock + ": another process has locked it\n");
  }
  std::filesystem::remove(lock);
  std::filesystem::create_symlink(directory_.write("precious", "x"), lock);
  EXPECT_EQ(failure(), refused + "cannot open " + lock + ": Too many levels of symbolic links\n");
}

TEST_F(unix_socket, does_not_replace_a_file_that_is_no_socket) {
  const std::string text = "precious";
  directory_.write("turnomatic.sock", text);
  EXPECT_EQ(failure(), "turnomatic: cannot listen on unix:" + path_ +
                           ": the file exists and is not a socket\n");
  EXPECT_EQ(std::filesystem::file_size(path_), text.size());
}

TEST_F(unix_socket, that_has_become_anothers_is_left_to_it) {
  listening_server server{arguments()};
  std::filesystem::remove(path_);
  const int another = listen_on_unix(path_);
  server.process().signal(SIGTERM);
  EXPECT_TRUE(server.process().wait(20s));
  EXPECT_TRUE(std::filesystem::exists(path_));
  ::close(another);
}

TEST_F(unix_socket, that_was_handed_over_is_served_and_left_in_place) {
  const int fd = listen_on_unix(path_);
  listening_server server{{"--ops-listen", "127.0.0.1:0", "--workers", "2", "--drain-delay", "0ms"},
                          {.inherited_socket = fd}};
  EXPECT_EQ(server.address(), "unix:" + path_);
  EXPECT_EQ(take_turn(), 1U);
  server.process().signal(SIGTERM);
  EXPECT_TRUE(server.process().wait(20s));
  EXPECT_TRUE(std::filesystem::exists(path_));
  ::close(fd);
}

TEST_F(unix_socket, has_no_limit_of_connections_from_one_address) {
  auto with = arguments();
  with.insert(with.end(), {"--http-max-connections-per-address", "1"});
  const listening_server server{with};
  const int idle = connect_to_unix(path_);
  ASSERT_GE(idle, 0);
  EXPECT_EQ(take_turn(), 1U);
  ::close(idle);
}

}  // namespace
}  // namespace turnomatic::support
