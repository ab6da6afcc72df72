#include "core/stall_watch.hpp"

#include <algorithm>

namespace turnomatic {

bool stall_watch::look(time_point now, time_point oldest_heartbeat) noexcept {
  if (oldest_heartbeat != heartbeat_)
    still_for_ = {};
  else
    still_for_ += std::min<duration>(now - last_look_, look_max);
  last_look_ = now;
  heartbeat_ = oldest_heartbeat;
  return still_for_ >= stuck_after_;
}

}  // namespace turnomatic
