// Counters in Redis.
#pragma once

#include "app/named_files.hpp"
#include "app/redis_administrator.hpp"
#include "app/redis_report.hpp"
#include "app/store.hpp"
#include "backend/redis/redis_backend.hpp"
#include "backend/redis/store_guard.hpp"
#include "core/new_id_limit.hpp"

#include <boost/asio/ssl/context.hpp>

#include <atomic>
#include <limits>
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
  [[nodiscard]] redis_view view(time_point now) const;
  [[nodiscard]] bool shedding(time_point now) const noexcept;

  const configuration how_;  // as it was at the start
  const std::string password_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  redis::store_guard guard_;
  std::atomic<duration::rep> connected_by_{std::numeric_limits<duration::rep>::max()};
  new_id_limit new_ids_;
  std::vector<redis_lane> lanes_;  // complete before the threads start
};

}  // namespace turnomatic::app
