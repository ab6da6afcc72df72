// What an operator wants of the counters in a store, as commands and replies.
#pragma once

#include "backend/redis/shard/acknowledgement.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/commands.hpp"

#include <turnomatic/administrator.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace turnomatic::redis {

/// Sees one request to peek, list, set or resume to its end, one command after the other. What it
/// changes in the store it tells the guard, and has ended when enough replicas hold it. Without
/// I/O; used by one thread.
class administration {
 public:
  /// The guard must outlive it.
  administration(const admin_request& request, const std::string& prefix, store_guard& guard,
                 const acknowledgement::settings& replicas);

  /// Appends the next command. False: there is none, it has ended. Call it again when the reply was
  /// taken.
  [[nodiscard]] bool next(std::string& out);
  void take(const reply& answer);
  /// The reply will not come. `sent`: the command may have been executed all the same.
  void give_up(bool sent);

  /// Once it has ended.
  [[nodiscard]] const result<admin_answer>& outcome() const noexcept { return outcome_; }
  /// What the store said when it refused, for people; empty if it did not.
  [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }

 private:
  enum class step : std::uint8_t { peek, list, set, resume, acknowledge, done };

  [[nodiscard]] static step first_step_of(admin_action action) noexcept;
  void append_set(std::string& out) const;
  void append_resume(std::string& out) const;

  void on_peeked(const reply& answer);
  void on_listed(const reply& answer);
  void on_set(const reply& answer);
  void on_resumed(const reply& answer);
  void on_acknowledged(const reply& answer);
  void has_changed() noexcept;
  void on_error(std::string_view text);
  void add(std::string_view id, std::string_view turn);
  void fail(errc why);

  const admin_request request_;
  store_guard& guard_;
  const bucket_keys keys_;
  const std::string store_id_;
  const acknowledgement::settings replicas_;
  step step_;
  result<admin_answer> outcome_{admin_answer{}};
  std::string refusal_;
};

}  // namespace turnomatic::redis
