#include "telemetry/log_descriptor.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

namespace turnomatic::log {
namespace {

// How much got out.
std::size_t write_some(int fd, std::string_view text) noexcept {
  constexpr int patience_ms = 1000;  // with a pipe that is full and set to non-blocking
  std::size_t total = 0;
  while (total < text.size()) {
    const ssize_t written = ::write(fd, text.data() + total, text.size() - total);
    if (written > 0) {
      total += static_cast<std::size_t>(written);
      continue;
    }
    if (written < 0 && errno == EINTR)
      continue;
    if (written == 0 || errno != EAGAIN)
      break;
    pollfd ready{fd, POLLOUT, 0};
    if (::poll(&ready, 1, patience_ms) == 0)
      break;
  }
  return total;
}

}  // namespace

bool log_descriptor::write(std::string_view line) {
  if (!torn_) {
    const std::size_t written = write_some(fd_, line);
    torn_ = written > 0 && written < line.size();
    return written == line.size();
  }
  const std::string text = '\n' + std::string{line};
  const std::size_t written = write_some(fd_, text);
  torn_ = written != 1 && written < text.size();
  return written == text.size();
}

bool is_journal(int fd, std::string_view journal_stream) noexcept {
  struct stat status {};
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  const char* const end = journal_stream.data() + journal_stream.size();
  const auto [colon, bad_device] = std::from_chars(journal_stream.data(), end, device);
  if (bad_device != std::errc{} || colon == end || *colon != ':')
    return false;
  const auto [rest, bad_inode] = std::from_chars(colon + 1, end, inode);
  return bad_inode == std::errc{} && rest == end && ::fstat(fd, &status) == 0 &&
         status.st_dev == device && status.st_ino == inode;
}

}  // namespace turnomatic::log
