// A counter that was behind what this instance had handed out.
#pragma once

#include "backend/redis/store/store_guard.hpp"

#include <turnomatic/counter_id.hpp>
#include <turnomatic/store_observer.hpp>

#include <cstdint>
#include <string>

namespace turnomatic::redis {

struct counter_behind {
  counter_id id;
  std::uint64_t found;   ///< where the counter stood
  std::uint64_t issued;  ///< its mark
  bool skipped;          ///< it goes on above the mark; else it is halted
};

/// Tells the guard, and operators unless they know.
inline void report_behind(store_guard& guard, store_observer& events,
                          const counter_behind& counter) {
  std::string text{counter.id.text()};
  if (!counter.skipped && !guard.halted.add({text, counter.found, counter.issued}))
    return;
  guard.notes.count_loss();
  text.append(" stood at ").append(std::to_string(counter.found));
  text.append(", issued up to ").append(std::to_string(counter.issued));
  events.happened(store_event::counter_behind, text);
}

/// The same of one that others have halted: nothing of this instance's was lost.
inline void report_halted(store_guard& guard, store_observer& events, const counter_id& id,
                          std::uint64_t turn, std::uint64_t issued) {
  std::string text{id.text()};
  if (!guard.halted.add({text, turn, issued}))
    return;
  text.append(" is halted at ").append(std::to_string(turn));
  text.append(", issued here up to ").append(std::to_string(issued));
  events.happened(store_event::counter_behind, text);
}

}  // namespace turnomatic::redis
