// What an instance does while the store is closed after a restart.
#pragma once

#include "backend/redis/shard/behind_report.hpp"
#include "backend/redis/store/recovery_part.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/commands.hpp"

#include <turnomatic/config.hpp>
#include <turnomatic/turn.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnomatic::redis {

/// Speaks for its instance, on one lane's connection: sends the marks if a lane's record was found
/// behind, reports, and asks until the store is open. Without I/O or clock; used by one thread.
class recovery {
 public:
  struct settings {
    duration grace{};  ///< this long the store stays closed for instances that are not heard
  };

  explicit recovery(store_guard& guard) : guard_{guard} {}

  /// On a new connection. `new_token` becomes the loss token if something may have been lost.
  void begin(std::string new_token);

  struct raising {
    loss_policy on_loss{loss_policy::halt};
    bool adopts{false};  ///< an operator has accepted the store: raise counters whatever the policy
  };
  /// Appends what is to be sent next and returns the number of commands: marks, or else a report.
  /// Only while nothing of it is under way, for the lane that has claimed the `part` of its
  /// instance. `identity` and `keys` as those of the lane.
  [[nodiscard]] std::size_t next(std::string& out, recovery_part& part, const bucket_keys& keys,
                                 const store_identity& identity, raising how, time_point now);
  [[nodiscard]] bool is_under_way() const noexcept { return !sent_.empty() || reporting_; }
  /// Once after `begin`.
  [[nodiscard]] bool begins() noexcept { return !std::exchange(began_, true); }
  [[nodiscard]] bool is_reporting() const noexcept { return reporting_; }

  /// Nothing: the answer makes no sense. Where the store is another one, `foreign`.
  struct marks_outcome {
    bool foreign{false};
    std::vector<counter_behind> behind;
  };
  [[nodiscard]] std::optional<marks_outcome> on_marks(const reply& answer);
  [[nodiscard]] report_answer on_report(const reply& answer, recovery_part& part, time_point now);

  void apply(const settings& times) noexcept { times_ = times; }

  static constexpr std::size_t commands_under_way_max = 8;
  /// Instances that send marks without end do not keep the store closed longer. A full table of a
  /// million ids takes it some seconds.
  static constexpr duration wait_max = std::chrono::minutes{1};

 private:
  [[nodiscard]] std::size_t append_marks(std::string& out, const bucket_keys& keys,
                                         const store_identity& identity);
  void read_marks();
  [[nodiscard]] standing verdict(duration waited) const;

  store_guard& guard_;
  settings times_;
  bool began_{false};
  bool raising_{false};  // marks are to be sent, or were, on this connection
  bool reporting_{false};
  loss_policy policy_{loss_policy::halt};
  std::size_t next_part_{0};  // of the table, in two rounds: recently used ids go first
  std::vector<mark> read_;    // not sent yet
  std::deque<std::vector<mark>> sent_;
  std::string new_token_;
};

}  // namespace turnomatic::redis
