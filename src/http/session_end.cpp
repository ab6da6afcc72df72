// How a session ends: at once, or when its time is up.
#include "http/session.hpp"

namespace turnomatic::http {

void session::abort(close_reason reason) noexcept {
  if (closed())
    return;
  state_ = state::closed;
  std::uint64_t burned = 0;
  // Answers that the kernel never took whole. The others in the same buffer were.
  std::uint64_t issued = 0;
  for (const std::uint32_t end : unsent_turns_)
    ++(end <= unsent_begin_ ? issued : burned);
  while (first_) {
    exchange& e = *first_;
    first_ = e.next;
    e.next = nullptr;
    if (e.what == exchange::state::turn)
      ++burned;
    // What an operator asked for cannot be withdrawn; there is no backend then.
    const bool cancellable = context_.backend != nullptr;
    if (e.what != exchange::state::waiting || (cancellable && context_.backend->cancel(e)))
      context_.exchanges.release(e);
    else
      e.owner = nullptr;  // whoever completes it still holds it; the pool takes it back
  }
  last_ = nullptr;
  depth_ = 0;
  if (issued > 0)
    context_.events.turns_issued(issued);
  if (burned > 0)
    context_.events.turns_burned(burn_reason::client_gone, burned);
  stream_.reset();
  context_.events.connection_closed(reason);
  context_.owner.session_closed(*this);
}

void session::set_timer(timer kind, tick timeout) noexcept {
  timer_ = kind;
  deadline_ = context_.now + timeout + 1;
}

tick session::idle_timeout() const noexcept {
  if (refusal_)
    return linger_ticks;
  return context_.draining ? drain_idle_ticks : context_.settings.idle_timeout;
}

void session::update_timer() noexcept {
  const session_settings& settings = context_.settings;
  if (state_ == state::lingering)
    return;  // one deadline, however much is still sent
  if (!unsent_.empty()) {
    if (timer_ != timer::write)
      set_timer(timer::write, settings.write_timeout);
  } else if (depth_ > 0 || parked_) {
    timer_ = timer::none;  // the backend answers within the deadline of each request
  } else if (holds_part_of_a_request()) {
    if (timer_ != timer::header)
      set_timer(timer::header, settings.header_timeout);
  } else {
    set_timer(timer::idle, idle_timeout());
  }
}

void session::on_draining() noexcept {
  if (timer_ == timer::idle)
    set_timer(timer::idle, idle_timeout());
}

void session::check_timeout() {
  // The difference is taken as signed so that the comparison survives a wrap of the count.
  if (timer_ == timer::none || static_cast<std::int32_t>(context_.now - deadline_) < 0)
    return;
  switch (timer_) {
    case timer::idle:
      // A poller that others keep busy may not have come to what has arrived; to close over it
      // would answer a request with a reset.
      if (!read_unannounced_input())
        abort(close_reason::idle_timeout);
      return;
    case timer::write:
      return abort(close_reason::write_timeout);
    case timer::linger:
      return abort(end_reason_);
    case timer::header:
      arrived_ = context_.time.refresh();
      end_reason_ = close_reason::read_timeout;
      reject(rejection::header_timeout, carry_);
      discard_carry();
      flush();
      return;
    case timer::none:
      return;
  }
}

}  // namespace turnomatic::http
