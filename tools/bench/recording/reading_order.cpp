#include "recording/reading_order.hpp"

#include <algorithm>
#include <limits>

namespace turnomatic::bench {

void reading_order::add(std::size_t streams) {
  constexpr moment before_all = std::numeric_limits<moment>::min();
  recordings_.push_back({std::vector<moment>(streams, before_all), before_all});
}

void reading_order::reached(std::size_t recording, std::size_t stream, moment watermark) {
  progress& own = recordings_[recording];
  own.streams[stream] = watermark;
  own.lowest = *std::min_element(own.streams.begin(), own.streams.end());
}

std::optional<std::size_t> reading_order::next() const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < recordings_.size(); ++i) {
    if (!recordings_[i].ended && (!found || recordings_[i].lowest < recordings_[*found].lowest))
      found = i;
  }
  return found;
}

}  // namespace turnomatic::bench
