// A primary whose place sentinels know.
#pragma once

#include "backend/redis/endpoint/sentinel_inquiry.hpp"
#include "backend/redis/endpoint/sentinel_resolver.hpp"
#include "backend/redis/endpoint/sentinel_subscription.hpp"
#include "backend/redis/endpoint/static_endpoint.hpp"
#include "backend/redis/endpoint/store_endpoint.hpp"
#include "backend/redis/wire/credentials.hpp"
#include "net/event_loop.hpp"

#include <turnomatic/redis_target.hpp>

#include <optional>
#include <random>
#include <string>

namespace turnomatic::redis {

/// Of redis+sentinel:// and rediss+sentinel:// URLs: asks sentinels each time, and from the first
/// answer on keeps a subscription with one of them.
class sentinel_endpoint final : public store_endpoint {
 public:
  struct settings {
    redis_target target;
    std::string server_name;   ///< of the primary; empty: the host that sentinels name
    std::string user;          ///< for sentinels; empty: their default user
    duration stall_timeout{};  ///< of connections to sentinels, as of those to the primary
  };

  /// `sentinels`: the login for them. What it refers to must outlive it.
  sentinel_endpoint(net::event_loop& loop, const settings& config, credential_source& sentinels,
                    std::minstd_rand::result_type seed,
                    const net::name_lookup::resolver& lookup = net::name_lookup::resolve_blocking);
  ~sentinel_endpoint() override = default;
  sentinel_endpoint(const sentinel_endpoint&) = delete;
  sentinel_endpoint& operator=(const sentinel_endpoint&) = delete;

  void resolve(time_point deadline, completion done) override;
  void cancel() noexcept override;
  void approve() noexcept override { resolver_.approve(); }
  void watch(const departure& moved) override { moved_ = moved; }
  [[nodiscard]] std::optional<std::uint32_t> replicas() const override {
    return resolver_.replicas();
  }
  [[nodiscard]] const std::string& name() const noexcept override { return name_; }

 private:
  void locate(const redis_host& primary, time_point deadline);
  void finish(const outcome& found);

  net::event_loop& loop_;
  const std::string name_;
  const std::string server_name_;
  const net::name_lookup::resolver lookup_;
  sentinel_resolver resolver_;
  sentinel_inquiry inquiry_;
  sentinel_subscription subscription_;
  // As sentinels named it last. It is kept, for a resolver that hangs on its name is waited for
  // there.
  redis_host primary_{};
  std::optional<static_endpoint> place_;
  completion done_;
  departure moved_;
};

}  // namespace turnomatic::redis
