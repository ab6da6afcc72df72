// The endpoint that the configuration asks for.
#pragma once

#include "backend/redis/endpoint/store_endpoint.hpp"
#include "net/event_loop.hpp"

#include <turnomatic/config.hpp>

#include <memory>

namespace turnomatic::redis {

/// Nobody else knows of which kind it is. What it refers to must outlive it.
[[nodiscard]] std::unique_ptr<store_endpoint> make_endpoint(net::event_loop& loop,
                                                            const configuration& config);

}  // namespace turnomatic::redis
