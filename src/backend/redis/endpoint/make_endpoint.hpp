// The endpoint that the configuration asks for.
#pragma once

#include "backend/redis/endpoint/store_endpoint.hpp"
#include "backend/redis/wire/credentials.hpp"
#include "net/event_loop.hpp"

#include <turnomatic/config.hpp>

#include <memory>

namespace turnomatic::redis {

/// Nobody else knows of which kind it is. `sentinels`: the login for them, where they are asked.
/// What it refers to must outlive it.
[[nodiscard]] std::unique_ptr<store_endpoint> make_endpoint(net::event_loop& loop,
                                                            const configuration& config,
                                                            credential_source& sentinels);

}  // namespace turnomatic::redis
