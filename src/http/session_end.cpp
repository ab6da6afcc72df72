// How a session ends: at once, or when its time is up.
#include "http/event_feed.hpp"
#include "http/session.hpp"

namespace turnomatic::http {

// The peer has closed its half: because it has nothing more to ask and waits for answers, or
// because it has given up. The two look alike. What was asked long ago is taken for the latter.
void session::on_peer_ended() {
  peer_ended_at_ = context_.time.now() - stream_->silence();
  std::uint64_t withdrawn = 0;
  for (exchange* e = first_; e; e = e->next) {
    if (e->what != exchange::state::waiting || !is_abandoned(*e) || !context_.backend->cancel(*e))
      continue;
    settle(*e, problem::client_gone);
    ++withdrawn;
  }
  if (withdrawn == 0)
    return;
  context_.events.takes_withdrawn(withdrawn);
  collect_answers();
  flush();
}

void session::on_peer_gone(close_reason reason) noexcept {
  abort(state_ == state::lingering ? end_reason_ : reason);
}

bool session::is_abandoned(const exchange& e) const noexcept {
  return peer_ended() && context_.backend && peer_ended_at_ - e.arrived > half_close_grace;
}

void session::abort(close_reason reason) noexcept {
  if (closed())
    return;
  if (state_ == state::streaming)
    context_.health->unsubscribe(*this);
  state_ = state::closed;
  const auto rest = reason == close_reason::drained ? fate_of_rest::cut : fate_of_rest::lost;
  if (!unsent_records_.empty())
    report(unsent_records_, unsent_begin_, rest);
  // The kernel goes on delivering what it has when it is us who cut.
  if (rest == fate_of_rest::lost) {
    if (const std::uint64_t undelivered = sent_turns_.among_last(unacknowledged()))
      context_.events.turns_undelivered(undelivered);
  }
  drop_exchanges(rest);
  stream_.reset();
  context_.timers.remove(*this);
  context_.events.connection_closed(reason);
  context_.owner.session_closed(*this);
}

std::uint16_t session::status_of(fate_of_rest rest) noexcept {
  return rest == fate_of_rest::cut ? describe(problem::draining).status : status_client_gone;
}

// What has not been answered never will be.
void session::drop_exchanges(fate_of_rest rest) noexcept {
  std::uint64_t burned = 0;
  std::uint64_t withdrawn = 0;
  while (first_) {
    exchange& e = *first_;
    first_ = e.next;
    e.next = nullptr;
    const bool waiting = e.what == exchange::state::waiting;
    // What an operator asked for cannot be withdrawn; there is no backend then.
    const bool cancelled = waiting && context_.backend && context_.backend->cancel(e);
    burned += e.what == exchange::state::turn && !e.known ? 1 : 0;
    withdrawn += cancelled ? 1 : 0;
    answer_record record{{e.route, e.method, status_of(rest), context_.time.now() - e.arrived},
                         e.arrived,
                         0,
                         false,
                         std::move(e.access_target)};
    report_one(record);
    if (!waiting || cancelled)
      context_.exchanges.release(e);
    else
      e.owner = nullptr;  // the backend still holds it; the pool takes it back
  }
  last_ = nullptr;
  depth_ = 0;
  if (burned > 0)
    context_.events.turns_burned(burn_reason::client_gone, burned);
  if (withdrawn > 0)
    context_.events.takes_withdrawn(withdrawn);
}

void session::give_way() {
  if (state_ == state::open)
    look_for_input();
  if (state_ == state::lingering)
    go_on();  // to close over unread input would reset the answer
  if (state_ == state::lingering)
    abort(end_reason_);
  else if (state_ == state::open)
    abort(close_reason::evicted);
}

void session::set_timer(timer kind, tick timeout) noexcept {
  timer_ = kind;
  context_.timers.set(*this, context_.now() + timeout + 1);
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
  } else if (depth_ > 0 || parked_ || state_ == state::streaming) {
    // The backend answers within the deadline of each request; a stream ends when somebody ends it.
    timer_ = timer::none;
  } else if (holds_part_of_a_request()) {
    if (timer_ == timer::first)
      timer_ = timer::header;  // its time runs since the connection was accepted
    else if (timer_ != timer::header)
      set_timer(timer::header, settings.header_timeout);
  } else if (timer_ != timer::first) {
    set_timer(timer::idle, idle_timeout());
  }
}

bool session::is_overdue(timer kind) const noexcept {
  return !closed() && timer_ == kind && !is_before(context_.now(), deadline());
}

// A poller that others keep busy may not have come to what has arrived, or to room to write, and
// after a stop of the whole process it has not; what the peer did in time is not held against it.
void session::check_timeout() {
  if (context_.draining && (timer_ == timer::first || timer_ == timer::idle) &&
      is_before(context_.now() + idle_timeout() + 1, deadline()))
    set_timer(timer::idle, idle_timeout());
  if (timer_ == timer::none)
    return context_.timers.set(*this, context_.now() + timer_wheel::revolution);
  if (!is_overdue(timer_))
    return;
  switch (timer_) {
    case timer::first:
    case timer::idle:
      if (look_for_input() == intake::none)
        abort(close_reason::idle_timeout);
      return;
    case timer::write:
      on_ready({.writable = true});
      if (!is_overdue(timer::write))
        return;
      tell(incident::write_timeout);
      return abort(close_reason::write_timeout);
    case timer::linger:
      return end_linger();
    case timer::header:
      look_for_input();
      if (is_overdue(timer::header))
        time_out_header();
      return;
    case timer::none:
      return;
  }
}

void session::time_out_header() {
  arrived_ = context_.time.refresh();
  end_reason_ = close_reason::read_timeout;
  reject(rejection::header_timeout, carry_);
  discard_carry();
  flush();
}

}  // namespace turnomatic::http
