// The log: structured lines on standard error or output that never hold up the thread that writes
// them.
#pragma once

#include <turnomatic/config.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <variant>

/// Every function may be called from any thread, at any time: before `initialise` and after
/// `shutdown` a line is written at once instead of queued.
namespace turnomatic::log {

/// What a field holds, made implicitly so that a call reads {{"workers", 2}}. Text is not
/// copied: it must live until the call returns.
class value {
 public:
  using variant = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  template <class Text>
  requires std::convertible_to<const Text&, std::string_view>
  explicit(false) value(const Text& text) noexcept : held_{std::string_view{text}} {}
  template <std::integral Number>
  explicit(false) value(Number number) noexcept : held_{widen(number)} {}
  template <std::floating_point Number>
  explicit(false) value(Number number) noexcept : held_{static_cast<double>(number)} {}

  [[nodiscard]] const variant& held() const noexcept { return held_; }

 private:
  template <class Number>
  static variant widen(Number number) noexcept {
    if constexpr (std::same_as<Number, bool>) {
      return number;
    } else if constexpr (std::is_signed_v<Number>) {
      return std::int64_t{number};
    } else {
      return std::uint64_t{number};
    }
  }

  variant held_;
};

/// Keys are literals of this program, `snake_case`; "time", "level", "severity" and "message" are
/// taken.
struct field {
  std::string_view key;
  class value value;
};

/// Takes one rendered line, line feed included, and says whether it got out. Called on one
/// thread at a time.
using line_sink = std::function<bool(std::string_view line)>;

struct settings {
  log_level level{log_level::info};
  log_format format{log_format::automatic};
  log_output output{log_output::standard_error};
  /// Lines that may wait; the oldest gives way to one too many.
  std::size_t queue_capacity{4096};
  /// Where lines go instead of `output`: for tests.
  line_sink sink{};
};

/// How long a flush may take before it gives up on a reader that does not read.
inline constexpr std::chrono::milliseconds drain_time{2000};

/// Starts the thread that writes: once, or again after `shutdown`. Throws std::system_error or
/// std::bad_alloc if the thread or the queue cannot be had.
void initialise(settings with);

/// Waits until what was written before this call is out. False: the time did not suffice.
bool flush(std::chrono::milliseconds timeout = drain_time) noexcept;

/// Drains the queue and ends the thread, within `timeout` even if the output is stuck;
/// what is then still queued counts as dropped. Idempotent.
void shutdown(std::chrono::milliseconds timeout = drain_time) noexcept;

/// Writes `text`, of one or more lines, to standard error at once: why the process does not start,
/// or at a lower level what it thinks of the configuration. Not a log line: for people, whatever
/// the format.
void complain(std::string_view text, log_level level = log_level::error) noexcept;

/// Lines lost since the start of the process.
[[nodiscard]] std::uint64_t dropped() noexcept;

/// Changes the threshold at once; `off` silences everything.
void set_level(log_level level) noexcept;

namespace detail {
extern std::atomic<log_level> threshold;
}

/// Whether a line of this level would be written: one relaxed load.
[[nodiscard]] inline bool enabled(log_level level) noexcept {
  return level >= detail::threshold.load(std::memory_order_relaxed) && level != log_level::off;
}

/// Writes one line if its level is enabled. Allocates, and costs a few microseconds: guard a
/// frequent call with a sample. Whatever goes wrong is counted in `dropped`.
void write(log_level level, std::string_view message,
           std::initializer_list<field> fields = {}) noexcept;

inline void info(std::string_view message, std::initializer_list<field> fields = {}) noexcept {
  write(log_level::info, message, fields);
}
inline void warn(std::string_view message, std::initializer_list<field> fields = {}) noexcept {
  write(log_level::warn, message, fields);
}
inline void error(std::string_view message, std::initializer_list<field> fields = {}) noexcept {
  write(log_level::error, message, fields);
}

}  // namespace turnomatic::log
