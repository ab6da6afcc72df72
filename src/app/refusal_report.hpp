// What operators are told of a store that refuses.
#pragma once

#include "app/store.hpp"
#include "core/refusal_watch.hpp"
#include "telemetry/event_log.hpp"

#include <turnomatic/health.hpp>

namespace turnomatic::app {

/// One entry a kind that stands, with the store's own words.
void assess(const refusal_watch& refusals, const telemetry::event_log& said,
            const store::noter& note);
/// How many kinds stand. Warns and does not fail: a store that is away does not fail either, and
/// the next instance shares both. Whoever asks /health whether to send requests here would have no
/// instance left.
[[nodiscard]] health_check health_of(const refusal_watch& refusals,
                                     const telemetry::event_log& said);

}  // namespace turnomatic::app
