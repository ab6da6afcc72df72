#include "backend/redis/endpoint/make_endpoint.hpp"

#include "backend/redis/endpoint/static_endpoint.hpp"

namespace turnomatic::redis {

std::unique_ptr<store_endpoint> make_endpoint(net::event_loop& loop, const configuration& config) {
  return std::make_unique<static_endpoint>(loop.io, config.redis.target,
                                           config.redis.tls.server_name);
}

}  // namespace turnomatic::redis
