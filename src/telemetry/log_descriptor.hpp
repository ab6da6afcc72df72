// The file descriptor that log lines go to. Private to this layer.
#pragma once

#include <atomic>
#include <string_view>

namespace turnomatic::log {

/// Writes whole lines, as far as that is up to us: one that got out in part only, to a disk that is
/// full, is ended before the next begins. Thread-safe, though lines that several threads write at
/// once may be mixed.
class log_descriptor {
 public:
  constexpr explicit log_descriptor(int fd) noexcept : fd_{fd} {}

  [[nodiscard]] int fd() const noexcept { return fd_; }

  /// `line` with its line feed. False if not all of it got out; waits for a full pipe, but no
  /// longer than a second without progress. Throws std::bad_alloc.
  bool write(std::string_view line);

 private:
  const int fd_;
  std::atomic<bool> torn_{false};
};

/// Whether `fd` leads to the journal: JOURNAL_STREAM, "DEVICE:INODE", names the socket of those
/// who inherited it (systemd.exec(5)).
[[nodiscard]] bool is_journal(int fd, std::string_view journal_stream) noexcept;

}  // namespace turnomatic::log
