// Counters in Redis.
#pragma once

#include "app/named_files.hpp"
#include "app/redis_administrator.hpp"
#include "app/redis_credentials.hpp"
#include "app/redis_report.hpp"
#include "app/store.hpp"
#include "backend/redis/redis_backend.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "core/new_id_limit.hpp"

#include <atomic>
#include <limits>
#include <string>
#include <vector>

namespace turnomatic::app {

class redis_store final : public store {
 public:
  /// Throws boost::system::system_error if what `files` hold for TLS cannot be used.
  redis_store(const configuration& how, const named_files& files);

  [[nodiscard]] std::string_view name() const noexcept override { return "redis"; }
  [[nodiscard]] bool is_remote() const noexcept override { return true; }
  [[nodiscard]] std::string note() const override;
  [[nodiscard]] std::unique_ptr<counter_backend> make_backend(net::event_loop& loop,
                                                              store_observer& events,
                                                              std::uint32_t worker) override;
  [[nodiscard]] std::unique_ptr<administrator> make_administrator(net::event_loop& loop) override;
  void apply(const configuration& how) override;
  [[nodiscard]] std::optional<readiness> unready() const override;
  void append_health(std::vector<health_check>& checks) const override;
  [[nodiscard]] std::size_t under_way() const override;
  void assess(time_point now, const noter& note) override;
  void sample(telemetry::instance_state& state) const override;

 private:
  [[nodiscard]] bool asks_sentinels() const noexcept;
  [[nodiscard]] store_reading read(time_point now) const;
  void read_lanes(store_reading& into, time_point now) const;
  void log_server(const redis::server_info& server);

  const configuration initial_;  // as it was at the start
  redis_credentials credentials_;
  redis::store_guard guard_;
  std::atomic<duration::rep> connected_by_{std::numeric_limits<duration::rep>::max()};
  std::atomic<std::uint32_t> acknowledging_replicas_;
  new_id_limit new_ids_;
  std::vector<redis_lane> lanes_;  // complete before the threads start
  std::string server_logged_;      // on the main thread
};

}  // namespace turnomatic::app
