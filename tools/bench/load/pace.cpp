#include "load/pace.hpp"

#include <algorithm>

namespace turnomatic::bench {

moment pace::due(std::uint64_t index) const {
  return how_.start + static_cast<moment>(static_cast<double>(index) * 1e9 / how_.rate);
}

bool pace::finished(moment now) const {
  if (now >= stopped_)
    return true;
  if (how_.count)
    return counted_ >= *how_.count;
  return now >= how_.end || (how_.rate > 0 && due(taken_) >= how_.end);
}

std::optional<moment> pace::take(moment now) {
  if (finished(now))
    return {};
  const moment when = how_.rate > 0 ? due(taken_) : now;
  if (when > now)
    return {};
  ++taken_;
  if (when >= how_.measure_from)
    ++counted_;
  return when;
}

std::optional<moment> pace::next_due(moment now) const {
  if (finished(now))
    return {};
  return how_.rate > 0 ? due(taken_) : now;
}

void pace::stop(moment now) {
  stopped_ = std::min(stopped_, now);
}

std::uint64_t pace::overdue() const {
  const moment end = how_.count ? stopped_ : std::min(how_.end, stopped_);
  if (how_.rate <= 0 || end == never || end <= how_.start)
    return 0;
  const auto due_by_then =
      static_cast<std::uint64_t>(static_cast<double>(end - how_.start) * how_.rate / 1e9);
  const std::uint64_t wanted =
      how_.count ? std::min(due_by_then, taken_ + *how_.count - counted_) : due_by_then;
  return wanted > taken_ ? wanted - taken_ : 0;
}

}  // namespace turnomatic::bench
