#include "telemetry/log_descriptor.hpp"

#include "support/temporary_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

namespace turnomatic::log {
namespace {

/// A file that may grow no further than it is told to, as on a disk that is full.
class limited_file : public testing::Test {
 protected:
  limited_file() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_IGN);
  }
  ~limited_file() override {
    lift_limit();
    std::signal(SIGXFSZ, SIG_DFL);
    ::close(fd_);
  }

  void limit(rlim_t size) const {
    const rlimit limited{size, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  void lift_limit() const { ::setrlimit(RLIMIT_FSIZE, &before_); }
  [[nodiscard]] std::string content() const {
    std::ifstream file{file_.path()};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

 private:
  const support::temporary_file file_;
  const int fd_{::open(file_.path().c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
  rlimit before_{};

 protected:
  log_descriptor log_{fd_};
};

TEST_F(limited_file, holds_lines_as_they_come) {
  EXPECT_TRUE(log_.write("one\n"));
  EXPECT_TRUE(log_.write("two\n"));
  EXPECT_EQ(content(), "one\ntwo\n");
}

TEST_F(limited_file, has_no_line_glued_to_one_that_was_torn) {
  limit(6);
  EXPECT_TRUE(log_.write("one\n"));
  EXPECT_FALSE(log_.write("two\n"));
  EXPECT_FALSE(log_.write("three\n"));
  lift_limit();
  EXPECT_TRUE(log_.write("four\n"));
  EXPECT_TRUE(log_.write("five\n"));
  EXPECT_EQ(content(), "one\ntw\nfour\nfive\n");
}

TEST_F(limited_file, has_no_empty_line_after_lines_of_which_nothing_got_out) {
  limit(4);
  EXPECT_TRUE(log_.write("one\n"));
  EXPECT_FALSE(log_.write("two\n"));
  lift_limit();
  EXPECT_TRUE(log_.write("three\n"));
  EXPECT_EQ(content(), "one\nthree\n");
}

TEST_F(limited_file, may_be_torn_at_every_byte_and_again) {
  const std::string line = "four\n";
  for (rlim_t first = 0; first <= line.size(); ++first) {
    for (rlim_t second = first; second <= first + line.size() + 1; ++second) {
      const support::temporary_file file;
      const int fd = ::open(file.path().c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
      log_descriptor log{fd};
      for (const rlim_t size : {first, second}) {
        limit(size);
        log.write(line);
      }
      lift_limit();
      EXPECT_TRUE(log.write("end\n"));
      ::close(fd);
      std::ifstream written{file.path()};
      std::string last;
      for (std::string each; std::getline(written, each);) {
        EXPECT_FALSE(each.empty()) << first << ' ' << second;
        last = each;
      }
      EXPECT_EQ(last, "end") << first << ' ' << second;
    }
  }
}

TEST(log_descriptor, that_is_closed_takes_nothing) {
  EXPECT_FALSE(log_descriptor{-1}.write("line\n"));
}

TEST(is_journal, only_what_has_the_device_and_the_inode_that_systemd_names) {
  const support::temporary_file file;
  const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  ASSERT_EQ(::fstat(fd, &status), 0);
  const std::string device = std::to_string(status.st_dev);
  const std::string inode = std::to_string(status.st_ino);
  EXPECT_TRUE(is_journal(fd, device + ':' + inode));
  for (const std::string& other :
       {device + ':' + std::to_string(status.st_ino + 1),
        std::to_string(status.st_dev + 1) + ':' + inode, device + inode, device + ':' + inode + ' ',
        device + ':', ':' + inode, std::string{}, std::string{":"}, std::string{"-1:-1"}})
    EXPECT_FALSE(is_journal(fd, other)) << other;
  EXPECT_FALSE(is_journal(-1, device + ':' + inode));
  ::close(fd);
}

}  // namespace
}  // namespace turnomatic::log
