// What an operator wants of the counters in a store, as commands and replies.
#pragma once

#include "backend/redis/resp_codec.hpp"
#include "backend/redis/store_function.hpp"
#include "backend/redis/store_guard.hpp"

#include <turnomatic/administrator.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace turnomatic::redis {

/// Sees one request to peek, list, set or resume to its end, step by step: the commands of a step
/// are sent together, and the next step depends on their replies. What it changes in the store it
/// tells the guard. Without I/O; used by one thread.
class administration {
 public:
  /// Keys looked at in one step: takes that come behind them shall not wait for long.
  static constexpr std::size_t looks_per_step = 100;

  /// `prefix` is that of every key. The guard must outlive it.
  administration(const admin_request& what, const std::string& prefix, store_guard& guard);

  /// Appends the commands of the next step and returns how many these are; none: it has ended. Call
  /// it when all replies to the step before have been taken.
  [[nodiscard]] std::size_t next(std::string& out);
  /// Takes the replies to a step in their order. True: that was the last.
  bool take(const reply& answer);
  /// The replies will not come. `sent`: the commands may have been executed all the same.
  void give_up(bool sent);

  /// Once it has ended.
  [[nodiscard]] const result<admin_answer>& outcome() const noexcept { return outcome_; }
  /// What the store said when it refused, for people; empty if it did not.
  [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }

 private:
  enum class step : std::uint8_t { scan, look, set, raise, resume, library, done };

  [[nodiscard]] static step first_step_of(admin_action what) noexcept;
  [[nodiscard]] static bool changes(step which) noexcept;
  void append_scan(std::string& out) const;
  std::size_t append_looks(std::string& out);
  [[nodiscard]] bool append_raise(std::string& out);
  [[nodiscard]] std::string key_of(std::string_view id) const;

  void on_scanned(const reply& answer);
  void on_looked(const reply& answer);
  void on_set(const reply& answer);
  void on_raised(const reply& answer);
  void on_resumed();
  void on_error(std::string_view text);
  void fail(errc why);

  const admin_request what_;
  const std::string prefix_;
  store_guard& guard_;
  store_commands commands_;
  const std::string genesis_;
  step step_;
  step behind_library_{step::done};     // the step that needs it
  std::size_t replies_left_{0};         // of the step
  std::deque<std::string> to_look_at_;  // ids, those of the step first
  bool loaded_{false};
  result<admin_answer> outcome_{admin_answer{}};
  std::string refusal_;
};

}  // namespace turnomatic::redis
