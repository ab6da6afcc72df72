// The configuration as the machines of this backend want it.
#pragma once

#include "backend/redis/shard/shard.hpp"
#include "backend/redis/wire/dialer.hpp"
#include "core/circuit_breaker.hpp"
#include "core/coalescer.hpp"

#include <turnomatic/config.hpp>

#include <cstdint>

namespace turnomatic::redis {

[[nodiscard]] coalescer::settings coalescer_settings_of(const configuration& from);
[[nodiscard]] breaker_settings breaker_settings_of(const configuration& from);
[[nodiscard]] dialer::settings dialer_settings_of(const configuration& from);
/// How many replicas hold a turn before it is handed out.
[[nodiscard]] std::uint32_t acknowledging_replicas_of(const configuration& from);
[[nodiscard]] shard::settings shard_settings_of(const configuration& from);

}  // namespace turnomatic::redis
