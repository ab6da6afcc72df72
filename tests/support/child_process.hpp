// A program under test, as a process of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::support {

/// Runs a program and reads what it says. Whatever happens to the test, the process is ended.
class child_process {
 public:
  struct options {
    std::vector<std::string> arguments{};  ///< the first is the program's path
    std::vector<std::string> wrapper{};    ///< a program that runs it, and its own arguments
    std::map<std::string, std::string> environment{};  ///< on top of the test's own
    int inherited_socket{-1};  ///< becomes descriptor 3, announced as systemd does
    std::string inherited_name{};
    std::optional<unsigned> open_files_max{};
    std::string output_file{"/dev/null"};  ///< for its standard output
  };

  explicit child_process(const options& with);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Does nothing once the end has been waited for: the id may be another's by then.
  void signal(int number) const;

  /// The next line on its standard error, without the line end; nothing at its end or if none
  /// comes in time.
  [[nodiscard]] std::optional<std::string> read_line(std::chrono::milliseconds patience);
  /// All that it still writes to standard error.
  [[nodiscard]] std::string read_rest(std::chrono::milliseconds patience);

  struct ending {
    bool exited{false};  ///< false: ended by a signal
    int code{0};         ///< exit status or signal
  };
  /// Waits for its end; nothing if it does not end in time.
  [[nodiscard]] std::optional<ending> wait(std::chrono::milliseconds patience);

 private:
  bool fill(std::chrono::steady_clock::time_point until);

  pid_t pid_{-1};
  int errors_{-1};
  std::string buffer_;
  std::optional<ending> ended_;
};

}  // namespace turnomatic::support
