// Which key of the configuration goes where.
#pragma once

#include "backend/redis/greeting.hpp"
#include "backend/redis/lane.hpp"
#include "backend/redis/store_function.hpp"
#include "core/circuit_breaker.hpp"
#include "core/coalescer.hpp"

#include <turnomatic/config.hpp>

#include <functional>
#include <string>

namespace turnomatic::redis {

[[nodiscard]] coalescer::settings coalescer_settings_of(const configuration& from);
[[nodiscard]] breaker_settings breaker_settings_of(const configuration& from);
[[nodiscard]] lane::settings lane_settings_of(const configuration& from);
/// `lane` is a name unlike any other's.
[[nodiscard]] store_commands::settings command_settings_of(const configuration& from,
                                                           std::string lane);
/// `password` wins over the one of the URL unless it is empty.
[[nodiscard]] greeting::settings greeting_settings_of(const configuration& from,
                                                      const std::string& password,
                                                      const std::string& name,
                                                      std::function<std::string()> draw_genesis);

}  // namespace turnomatic::redis
