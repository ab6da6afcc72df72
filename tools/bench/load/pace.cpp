#include "load/pace.hpp"

#include <algorithm>

namespace turnomatic::bench {

moment pace::due(std::uint64_t index) const {
  return how_.start + static_cast<moment>(static_cast<double>(index) * 1e9 / how_.rate);
}

bool pace::finished(moment now) const {
  if (how_.count)
    return counted_ >= *how_.count;
  return how_.rate > 0 ? due(taken_) >= how_.end || now >= how_.end : now >= how_.end;
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
  how_.end = std::min(how_.end, now);
  how_.count.reset();
}

std::uint64_t pace::overdue() const {
  if (how_.rate <= 0 || how_.count)
    return 0;
  const double due_before_end = static_cast<double>(how_.end - how_.start) * how_.rate / 1e9;
  const auto all = static_cast<std::uint64_t>(std::max(due_before_end, 0.0));
  return all > taken_ ? all - taken_ : 0;
}

}  // namespace turnomatic::bench
