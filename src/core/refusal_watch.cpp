#include "core/refusal_watch.hpp"

#include <cstddef>

namespace turnomatic {

void refusal_watch::look(const totals& seen, time_point now) noexcept {
  for (std::size_t i = 0; i < store_refusal_count; ++i) {
    entry& each = entries_[i];
    if (seen.refusals[i] != each.total) {
      if (!each.stands)
        each.before = each.total;
      each = {.stands = true,
              .before = each.before,
              .total = seen.refusals[i],
              .successes = seen.successes,
              .last = now};
      continue;
    }
    const duration since = now - each.last;
    if (since >= forgotten || (since >= quiet && seen.successes != each.successes))
      each.stands = false;
  }
}

}  // namespace turnomatic
