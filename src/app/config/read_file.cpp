#include "app/config/read_file.hpp"

#include "app/owned_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace turnomatic::app {

namespace {

using steady = std::chrono::steady_clock;

unreadable last_error() {
  return {std::system_category().message(errno)};
}

bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

// Waits until there is something to read or the end; false: not in time.
bool wait_for(int fd, steady::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now()).count();
    pollfd wanted{fd, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(0, left)));
    if (ready >= 0 || errno != EINTR) {
      return ready > 0;
    }
  }
}

unreadable too_slow(std::chrono::milliseconds patience) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience).count();
  return {"its end did not come within " + std::to_string(seconds) + " s"};
}

}  // namespace

file_text read_file(const std::string& path, std::size_t bytes_max, occasion when,
                    std::chrono::milliseconds patience) {
  // Without O_NONBLOCK a pipe that nobody writes to would hold up the open itself.
  const owned_descriptor fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (fd.get() < 0) {
    return last_error();
  }
  if (when == occasion::reload && !is_regular(fd.get())) {
    return unreadable{"not a regular file; no other is read a second time"};
  }
  constexpr std::size_t step = 64 * 1024;
  const auto until = steady::now() + patience;
  std::string text;
  while (text.size() <= bytes_max) {
    // A pipe that nobody has opened for writing yet would seem to be at its end.
    if (!wait_for(fd.get(), until)) {
      return too_slow(patience);
    }
    const std::size_t before = text.size();
    text.resize(before + std::min(step, bytes_max + 1 - before));
    const ssize_t size = ::read(fd.get(), text.data() + before, text.size() - before);
    if (size < 0 && errno != EINTR && errno != EAGAIN) {
      return last_error();
    }
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(0, size)));
    if (size == 0) {
      break;
    }
  }
  return {boost::system::in_place_value, std::move(text)};
}

}  // namespace turnomatic::app
