// What operators may do with counters in Redis.
#pragma once

#include "backend/redis/redis_backend.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "net/event_loop.hpp"

#include <turnomatic/administrator.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace turnomatic::app {

/// One worker's access to Redis, and the loop of its thread.
struct redis_lane {
  net::event_loop* loop;
  redis::redis_backend* backend;
};

/// Sends what concerns the store through one worker, what concerns breakers to all of them,
/// and brings the answers back to its own thread.
class redis_administrator final : public administrator {
 public:
  /// `own` is the loop of the thread that it belongs to. What it refers to must outlive both that
  /// thread and the workers'; `lanes` is complete before they start.
  redis_administrator(net::event_loop& own, const std::vector<redis_lane>& lanes,
                      redis::store_guard& guard) noexcept
      : own_{own}, lanes_{lanes}, guard_{guard} {}

  void perform(const admin_request& request, completion done) override;

 private:
  struct gathering;

  void gather_breakers(const admin_request& request, completion done);
  [[nodiscard]] const redis_lane& choose_lane() const;
  void pass_on(const admin_request& request, completion done);

  net::event_loop& own_;
  const std::vector<redis_lane>& lanes_;
  redis::store_guard& guard_;
};

}  // namespace turnomatic::app
