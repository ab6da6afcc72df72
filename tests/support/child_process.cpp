#include "support/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace turnomatic::support {
namespace {

using steady = std::chrono::steady_clock;

// Between fork and exec.
[[noreturn]] void become(const child_process::options& with, int errors) {
  ::dup2(errors, STDERR_FILENO);
  ::dup2(::open(with.output_file.c_str(), O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
  // A shell that runs the tests in its background has them ignored, and that is inherited.
  for (const int number : {SIGINT, SIGQUIT})
    std::signal(number, SIG_DFL);
  // Meant for the tests (redis_process.hpp): the program refuses a variable with its prefix that it
  // does not know.
  ::unsetenv("TURNOMATIC_TEST_STORE");
  for (const auto& [name, value] : with.environment)
    ::setenv(name.c_str(), value.c_str(), 1);
  if (with.inherited_socket >= 0) {
    if (with.inherited_socket == 3)
      ::fcntl(3, F_SETFD, 0);
    else
      ::dup2(with.inherited_socket, 3);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDNAMES", with.inherited_name.c_str(), 1);
  }
  if (with.open_files_max) {
    const rlimit limit{*with.open_files_max, *with.open_files_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  std::vector<char*> arguments;
  for (const auto* const part : {&with.wrapper, &with.arguments})
    for (const std::string& each : *part)
      arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

child_process::child_process(const options& with) {
  std::array<int, 2> pipe_ends{};
  if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe2"};
  pid_ = ::fork();
  if (pid_ < 0)
    throw std::system_error{errno, std::generic_category(), "fork"};
  if (pid_ == 0)
    become(with, pipe_ends[1]);
  ::close(pipe_ends[1]);
  errors_ = pipe_ends[0];
}

child_process::~child_process() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(errors_);
}

void child_process::signal(int number) const {
  if (!ended_)
    ::kill(pid_, number);
}

bool child_process::fill(steady::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady::now());
  pollfd wanted{errors_, POLLIN, 0};
  if (::poll(&wanted, 1, std::max<int>(0, static_cast<int>(left.count()))) <= 0)
    return false;
  std::array<char, 4096> bytes;
  const ssize_t size = ::read(errors_, bytes.data(), bytes.size());
  if (size <= 0)
    return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

std::optional<std::string> child_process::read_line(std::chrono::milliseconds patience) {
  const auto until = steady::now() + patience;
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (!fill(until))
      return std::nullopt;
  }
}

std::string child_process::read_rest(std::chrono::milliseconds patience) {
  const auto until = steady::now() + patience;
  while (fill(until)) {
  }
  return std::move(buffer_);
}

std::optional<child_process::ending> child_process::wait(std::chrono::milliseconds patience) {
  const auto until = steady::now() + patience;
  while (!ended_ && steady::now() < until) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_)
      ended_ =
          WIFEXITED(status) ? ending{true, WEXITSTATUS(status)} : ending{false, WTERMSIG(status)};
    else
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return ended_;
}

}  // namespace turnomatic::support
