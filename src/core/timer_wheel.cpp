#include "core/timer_wheel.hpp"

#include <algorithm>

namespace turnomatic {

void timer_wheel::add(timer_entry& e) noexcept {
  e.deadline_ = now_ + revolution;
  place(e);
}

// The list of `now_` has been made due, so it is that of a revolution later.
void timer_wheel::place(timer_entry& e) noexcept {
  e.unlink();
  const tick wanted = is_before(now_, e.deadline_) ? e.deadline_ - now_ : 1;
  e.looked_at_ = now_ + std::min(wanted, revolution);
  slots_[e.looked_at_ % revolution].push_back(e);
}

// After a long stop every list comes up once, however many revolutions were missed.
void timer_wheel::advance(tick now) noexcept {
  const tick passed = now - now_;
  for (tick i = 1; i <= std::min(passed, revolution); ++i)
    due_.splice(due_.end(), slots_[(now_ + i) % revolution]);
  now_ = now;
}

void timer_wheel::make_all_due() noexcept {
  for (list& each : slots_)
    due_.splice(due_.end(), each);
}

}  // namespace turnomatic
