#include "backend/redis/endpoint/make_endpoint.hpp"

#include "backend/redis/endpoint/sentinel_endpoint.hpp"
#include "backend/redis/endpoint/static_endpoint.hpp"
#include "core/random.hpp"

#include <random>

namespace turnomatic::redis {

std::unique_ptr<store_endpoint> make_endpoint(net::event_loop& loop, const configuration& config,
                                              credential_source& sentinels) {
  const auto& from = config.redis;
  switch (from.target.topology) {
    case redis_topology::sentinel:
      return std::make_unique<sentinel_endpoint>(
          loop,
          sentinel_endpoint::settings{.target = from.target,
                                      .server_name = from.tls.server_name,
                                      .user = from.sentinel.user,
                                      .stall_timeout = from.stall_timeout},
          sentinels, static_cast<std::minstd_rand::result_type>(random_seed()));
    case redis_topology::single:
    case redis_topology::cluster:  // the configuration refuses it
      break;
  }
  return std::make_unique<static_endpoint>(loop.io, from.target, from.tls.server_name);
}

}  // namespace turnomatic::redis
