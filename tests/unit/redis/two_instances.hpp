// Two instances on one store that restarts.
#pragma once

#include "unit/redis/shard_bench.hpp"

#include <algorithm>
#include <chrono>

namespace turnomatic::redis {

/// An instance with two lanes, and another with one, that have counted on a store.
struct two_instances : workshop {
  explicit two_instances(loss_policy policy = loss_policy::skip)
      : first{*this, guard, with(policy)},
        second{*this, guard, with(policy)},
        other{*this, other_guard, with(policy)} {
    for (shard_bench* const each : benches)
      each->connect();
  }
  static shard_bench::settings with(loss_policy policy) {
    shard_bench::settings made;
    made.tuning.connection = {.set_up_timeout = std::chrono::seconds{1},
                              .stall_timeout = std::chrono::seconds{2}};
    made.tuning.entry.on_loss = policy;
    made.breaker.consecutive_failures = 0;
    return made;
  }

  request& take(shard_bench& from, std::string_view id, std::uint32_t turns = 1) {
    request& made = from.ask(id, turns, std::chrono::seconds{10});
    from.exchange();
    return made;
  }
  void restart(const memory_redis::snapshot& older) {
    crash(older);
    for (shard_bench* const each : benches)
      each->cut();
  }
  /// On a connection, as far as the answers go.
  static void come_back(shard_bench& lane) {
    lane.open_connection();
    lane.exchange();
  }
  void all_come_back() {
    for (shard_bench* const each : benches)
      come_back(*each);
  }
  /// And `other` does not come back.
  void restart_without_other(const memory_redis::snapshot& older) {
    restart(older);
    come_back(first);
    come_back(second);
  }
  [[nodiscard]] bool is_closed() const { return store.store_field("closed") == "1"; }

  store_guard guard{guard_settings()};
  store_guard other_guard{guard_settings()};
  shard_bench first;
  shard_bench second;
  shard_bench other;
};

}  // namespace turnomatic::redis
