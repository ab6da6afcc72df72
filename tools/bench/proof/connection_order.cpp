#include "proof/connection_order.hpp"

#include <algorithm>

namespace turnomatic::bench {

connection_order::connection_order(std::size_t connections, std::size_t depth)
    : width_{depth - 1}, recent_(connections * width_), counts_(connections) {}

const observation* connection_order::add_answer(const observation& answer) {
  if (width_ == 0 || answer.retried != 0)
    return nullptr;
  observation* const ring = recent_.data() + answer.connection * width_;
  std::uint64_t& count = counts_[answer.connection];
  observation* const end = ring + std::min<std::uint64_t>(count, width_);
  observation* const found = std::find_if(ring, end, [&](const observation& earlier) {
    return earlier.id == answer.id && earlier.turn > answer.turn;
  });
  if (found != end)
    return found;
  ring[count++ % width_] = answer;
  return nullptr;
}

}  // namespace turnomatic::bench
