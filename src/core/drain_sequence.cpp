#include "core/drain_sequence.hpp"

namespace turnomatic {

void drain_sequence::begin(time_point now, duration delay, duration timeout) noexcept {
  if (phase_ != phase::serving)
    return;
  phase_ = phase::announced;
  close_at_ = now + delay;
  timeout_ = timeout;
}

drain_sequence::step drain_sequence::advance(time_point now, std::size_t open) noexcept {
  switch (phase_) {
    case phase::announced:
      if (now < close_at_)
        return step::none;
      phase_ = phase::finishing;
      // Counted from now and not from close_at_: a late caller must not cost the
      // connections their time.
      cut_at_ = now + timeout_;
      return step::close_listeners;
    case phase::finishing:
      if (open > 0 && now < cut_at_)
        return step::none;
      phase_ = phase::ended;
      return open > 0 ? step::cut : step::end;
    case phase::serving:
    case phase::ended:
      return step::none;
  }
  return step::none;
}

}  // namespace turnomatic
