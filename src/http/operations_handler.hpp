// Answers for operators and balancers.
#pragma once

#include "http/event_feed.hpp"
#include "http/router.hpp"

#include <turnomatic/health.hpp>
#include <turnomatic/observer.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::http {

struct operations_answer {
  std::uint16_t status;
  std::string_view content_type;
  std::string body;
};

/// The answer of one of the operations endpoints; `which` is none of turn, admin and unknown. Of a
/// stream, the beginning.
/// Callers get the bare status: texts that name files, addresses, ids or what the store said are
/// for operators.
[[nodiscard]] operations_answer answer_operations(route which, audience who,
                                                  const operations_source& source);

/// What /readyz, /health and /degraded have to say to operators, in one. Measured values and texts
/// with numbers in them are no change.
[[nodiscard]] event_feed::snapshot health_now(const operations_source& source);

}  // namespace turnomatic::http
