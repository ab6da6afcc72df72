// Instances and their store, what can happen to them, and what must hold when all has come to rest.
#pragma once

#include "model/store_step.hpp"
#include "unit/redis/shard_bench.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// Begins at rest: all lanes count, nothing is under way, no id has been counted.
class store_world {
 public:
  struct settings {
    std::size_t instances{2};
    std::size_t lanes{1};  ///< of each instance
    std::size_t instances_max{2};
    loss_policy on_loss{loss_policy::skip};
    bool refreshes{false};           ///< lanes do, about every second `moment`
    bool ghosts_survive{false};      ///< commands outlive a restart of the server
    bool clones{false};              ///< the first instance, of one lane, may be copied
    bool clock_stands_still{false};  ///< packets have the same name
    std::vector<event> events{};     ///< that can happen
    /// Done once to a new store: a test leaves out a rule of the scripts.
    std::function<void(memory_redis&)> leave_out{};
    std::string_view unheard{};     ///< entries of the account that end so are left out
    bool reports_too_early{false};  ///< the first lane of an instance reports for the others
    /// There is a replica: nothing that was handed out may be lost with the server, whoever is
    /// heard.
    bool replicated{false};
    std::uint32_t acknowledging{1};  ///< replicas, where there is one
  };

  explicit store_world(const settings& how);
  ~store_world();

  [[nodiscard]] std::size_t lanes() const noexcept { return lanes_.size(); }
  [[nodiscard]] bool can_happen(step next) const;
  void happens(step next);

  /// All ghosts are executed, the oldest of lane `first` first; all lanes reconnect; all that is
  /// under way is exchanged. False: somebody waits for ever.
  [[nodiscard]] bool comes_to_rest(bool ghosts_first);
  /// What does not hold, in words; empty if all does. At rest.
  [[nodiscard]] std::string broken_rule() const;
  /// Everybody takes once more, after all have noticed what there is to notice: that no turn is
  /// handed out again from then on.
  [[nodiscard]] std::string broken_later();

  workshop shop;

 private:
  struct instance;

  /// Draws the same for two, whoever comes first, as long as they are alike.
  struct twin_tokens {
    [[nodiscard]] std::string draw(std::size_t which);

    workshop& shop;
    bool alike;
    std::array<std::deque<std::string>, 2> drawn{};
  };

  instance& add_instance(const token_source& draw, const std::string& pinned = {});
  void start_with_shadow();
  void do_happen(step next);
  void note_unheard();
  void quietly_become(const memory_redis::snapshot& older);
  void take(std::size_t lane, std::string_view id, std::string_view key = {});
  void deliver(std::size_t lane);
  void cut(std::size_t lane);
  void reconnect(std::size_t lane);
  /// The one that will be the copy of this lane; null: none will.
  [[nodiscard]] shard_bench* shadow_of(std::size_t lane) const;
  void restart(const memory_redis::snapshot& as);
  void replicate();
  void clone();
  void set(shard_bench& through);
  void exchange();
  void find_again();
  void spoil();
  void mend();
  void run_ghosts();
  void go_on();
  void report_too_early();
  [[nodiscard]] bool is_at_rest() const;

  /// Calls `look` with each take; where a copied machine has the same turns for the same caller as
  /// the one that it is a copy of, only once: the caller is connected to one of them.
  void look_at_requests(const std::function<void(const request&)>& look) const;
  [[nodiscard]] std::map<std::uint64_t, int> turns_of(std::string_view id) const;
  [[nodiscard]] std::string duplicate_of(std::string_view id) const;
  [[nodiscard]] std::string broken_account_of(std::string_view id) const;
  [[nodiscard]] std::string broken_order_of(std::string_view id) const;
  [[nodiscard]] std::string broken_key_of(std::string_view id) const;
  /// A turn that was handed out again, or after a later one.
  [[nodiscard]] std::string repetition() const;
  void tolerate();

  const settings settings_;
  twin_tokens twins_;
  std::vector<std::unique_ptr<instance>> instances_;
  std::vector<shard_bench*> lanes_;
  std::unique_ptr<instance> shadow_;  // lives as the first one does, until it is its copy
  const shard_bench* copy_{nullptr};
  std::size_t copied_requests_{0};
  memory_redis::snapshot first_;
  std::string first_id_;
  memory_redis::snapshot saved_;
  memory_redis::snapshot replica_;
  std::optional<memory_redis::snapshot> exchanged_;  // the right store, while another one is there
  std::optional<std::string> spoilt_;                // what counter b was
  std::uint64_t seen_{0};                            // by the operator
  std::uint64_t set_{0};                             // turns that the operator may have skipped
  bool lossy_{false};                                // something was lost, or may have been
  /// A recovery ended without an instance, or there was a loss that not everybody noticed at once:
  /// until that is over turns may be given again.
  bool tolerant_{false};
  std::string broken_before_;  // what did not hold when that began
};

}  // namespace turnomatic::redis
