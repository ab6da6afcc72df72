#include "core/backoff.hpp"

#include <algorithm>

namespace turnomatic {

duration backoff::next() noexcept {
  std::uniform_int_distribution<duration::rep> wait{0, ceiling_.count()};
  ceiling_ = std::min(ceiling_ * 2, settings_.max);
  return std::max<duration>(duration{wait(random_)}, std::chrono::milliseconds{1});
}

void backoff::apply(const backoff_settings& settings) noexcept {
  settings_ = settings;
  ceiling_ = std::clamp(ceiling_, settings.min, settings.max);
}

}  // namespace turnomatic
