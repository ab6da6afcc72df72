#include "app/config/read_file.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

namespace turnomatic::app {

namespace {

using namespace std::chrono_literals;
using support::temporary_directory;

/// A pipe of this process, as a shell's <(...) is one.
class pipe_file {
 public:
  pipe_file() {
    if (::pipe(ends_.data()) != 0) {
      ADD_FAILURE() << "no pipe";
    }
  }
  ~pipe_file() {
    ::close(ends_[0]);
    close_writer();
  }
  pipe_file(const pipe_file&) = delete;
  pipe_file& operator=(const pipe_file&) = delete;

  void write(const std::string& text) const {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close_writer() {
    if (ends_[1] >= 0) {
      ::close(std::exchange(ends_[1], -1));
    }
  }
  [[nodiscard]] std::string path() const { return "/dev/fd/" + std::to_string(ends_[0]); }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::string text_of(const file_text& read) {
  if (!read) {
    ADD_FAILURE() << read.error().why;
    return {};
  }
  return *read;
}

}  // namespace

TEST(read_file, returns_the_text_of_a_regular_file_on_any_occasion) {
  const temporary_directory directory;
  const std::string text(200'000, 'x');
  const auto path = directory.write("a", text);
  for (const auto when : {occasion::start, occasion::reload}) {
    EXPECT_EQ(text_of(read_file(path, text.size(), when)), text);
    EXPECT_EQ(text_of(read_file(path, text.size() - 2, when)).size(), text.size() - 1) << "cut";
  }
  EXPECT_EQ(text_of(read_file(directory.write("b", ""), 10, occasion::reload)), "");
}

TEST(read_file, reads_a_pipe_to_its_end_at_the_start_alone) {
  pipe_file pipe;
  pipe.write("ab");
  EXPECT_EQ(read_file(pipe.path(), 10, occasion::reload).error().why,
            "not a regular file; no other is read a second time");
  pipe.close_writer();
  EXPECT_EQ(text_of(read_file(pipe.path(), 10, occasion::start)), "ab");
}

TEST(read_file, waits_for_no_pipe_longer_than_its_patience) {
  const pipe_file pipe;
  pipe.write("ab");
  EXPECT_EQ(read_file(pipe.path(), 10, occasion::start, 0ms).error().why,
            "its end did not come within 0 s");
  const temporary_directory directory;
  const auto named = directory.file("named");
  ASSERT_EQ(::mkfifo(named.c_str(), 0600), 0);
  EXPECT_EQ(read_file(named, 10, occasion::start, 0ms).error().why,
            "its end did not come within 0 s");
  EXPECT_FALSE(read_file(named, 10, occasion::reload).has_value());
}

TEST(read_file, reads_no_more_than_it_may_of_what_has_no_end) {
  EXPECT_EQ(text_of(read_file("/dev/zero", 100'000, occasion::start)).size(), 100'001U);
  EXPECT_FALSE(read_file("/dev/zero", 100'000, occasion::reload).has_value());
}

TEST(read_file, finds_a_device_empty_that_is) {
  EXPECT_EQ(text_of(read_file("/dev/null", 10, occasion::start)), "");
}

TEST(read_file, says_why_it_cannot) {
  const temporary_directory directory;
  EXPECT_EQ(read_file(directory.file("a"), 10, occasion::reload).error().why,
            "No such file or directory");
  EXPECT_EQ(read_file(directory.path(), 10, occasion::start).error().why, "Is a directory");
}

}  // namespace turnomatic::app
