// What the kernel says about this process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace turnomatic::telemetry {

/// The fields of /proc/[pid]/stat that become metrics, in the kernel's units (proc(5)).
struct process_stat {
  std::uint64_t user_ticks{0};
  std::uint64_t system_ticks{0};
  std::uint64_t threads{0};
  std::uint64_t start_ticks{0};  ///< since boot
  std::uint64_t virtual_bytes{0};
  std::uint64_t resident_pages{0};

  friend bool operator==(const process_stat&, const process_stat&) = default;
};

/// Reads the text of /proc/[pid]/stat; nothing if it is not of that form.
[[nodiscard]] std::optional<process_stat> parse_process_stat(std::string_view text) noexcept;

/// The boot time, in seconds since 1970, from the text of /proc/stat.
[[nodiscard]] std::optional<std::uint64_t> parse_boot_time(std::string_view text) noexcept;

/// The soft limit of open files from the text of /proc/[pid]/limits; infinity if unlimited.
[[nodiscard]] std::optional<double> parse_open_files_limit(std::string_view text) noexcept;

/// One look at the process, in base units. What could not be read is absent.
struct process_sample {
  std::optional<double> cpu_seconds;
  std::optional<double> resident_bytes;
  std::optional<double> virtual_bytes;
  std::optional<double> open_fds;
  std::optional<double> max_fds;
  std::optional<double> start_time_seconds;  ///< since 1970
  std::optional<double> threads;
};

/// Takes samples of the calling process. Thread-safe.
class process_collector {
 public:
  /// `proc` is where the proc file system is mounted.
  explicit process_collector(std::filesystem::path proc = "/proc");

  [[nodiscard]] process_sample sample() const;

 private:
  const std::filesystem::path proc_;
  const std::optional<std::uint64_t> boot_time_;  // read once: the start time must not wander
};

}  // namespace turnomatic::telemetry
