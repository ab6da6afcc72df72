// What becomes of batches. The connection beneath them is in lane_connection.cpp, refusals of the
// store are in lane_refusal.cpp.
#include "backend/redis/lane.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::redis {

lane::lane(const dependencies& with, const settings& how, store_commands::settings commands,
           greeting::settings greet, std::uint32_t seed, time_point now)
    : with_{with},
      how_{how},
      commands_{std::move(commands)},
      greeting_{std::move(greet)},
      reconnect_{how.reconnect, seed},
      retries_{retry_budget_settings{}, now},
      phase_until_{now},
      last_heard_{now},
      last_expiry_{now},
      sent_(how.pipeline_max + 64) {}

void lane::apply(const settings& how) {
  how_ = how;
  reconnect_.apply(how.reconnect);
  commands_.set_on_loss(how.on_loss);
}

// ---- sending

void lane::note(const sent& what, time_point now) {
  if (sent_.empty())
    last_heard_ = now;  // from here on an answer is waited for
  if (sent_.full())
    sent_.set_capacity(sent_.capacity() * 2);
  sent_.push_back(what);
}

void lane::pump(time_point now) {
  if (!with_.breaker.allows())
    with_.waiting.fail_waiting(errc::breaker_open);  // however it came to be open
  else if (phase_ == phase::down && now >= phase_until_)
    connect(now);
  if (phase_ != phase::counting)
    return;
  if (const store_loss loss = with_.guard.loss(); loss != store_loss::none)
    return halt(loss, now);
  if (is_superseded(genesis_, raisings_)) {
    if (sent_.empty())  // until then the replies say what became of what was sent
      connect_anew(now);
    return;
  }
  if (paused_until_ && now < *paused_until_)
    return;
  paused_until_.reset();
  const bool allowed = with_.breaker.allows();
  // To ask what became of a batch takes no turn. An operator may want an instance to end whose
  // breakers are forced open, and its account to be whole.
  if (!unanswered_.empty() && (allowed || with_.breaker.mode() == breaker_mode::forced_open))
    send_again(now);
  if (allowed)
    send_batches(now);
}

store_commands::take_call lane::call_of(const batch& which) const noexcept {
  return {which.id, genesis_, which.sequence, which.turns, which.fence};
}

void lane::send_batches(time_point now) {
  bool sent_any = false;
  while (sent_.size() < how_.pipeline_max) {
    batch* const next = with_.waiting.next(now);
    if (!next)
      break;
    next->sequence = ++sequence_;
    next->fence = with_.guard.fences.highest(next->id, next->place);
    if (next->place == nullptr && !charge(*next, now))
      continue;
    next->raisings = raisings_;
    ++open_batches_;
    retries_.deposit();
    if (how_.guarantee == redis_guarantee::exact || !next->once.empty())
      send_take(*next, now);
    else
      send_fast(*next, now);
    sent_any = true;
  }
  if (!sent_any && !check_again_)
    return;
  if (how_.guarantee == redis_guarantee::fast) {
    // Behind the increments: if the store was emptied before any of them, this tells.
    check_again_ = false;
    commands_.read_genesis(with_.link.output());
    note({.what = command::check}, now);
  }
  with_.link.write();
}

void lane::send_take(batch& which, time_point now) {
  ++which.sendings;
  if (which.once.empty())
    commands_.take(with_.link.output(), call_of(which));
  else
    commands_.take_once(with_.link.output(), call_of(which), which.once,
                        std::chrono::ceil<std::chrono::milliseconds>(how_.key_lifetime),
                        which.sendings > 1);
  note({.what = command::take, .call = with_.breaker.call_sent(now), .which = &which}, now);
}

void lane::send_resolve(batch& which, time_point now) {
  commands_.resolve(with_.link.output(), call_of(which));
  note({.what = command::resolve, .which = &which}, now);
}

void lane::send_fast(batch& which, time_point now) {
  commands_.take_fast(with_.link.output(), which.id, which.turns);
  note({.what = command::fast, .call = with_.breaker.call_sent(now), .which = &which}, now);
}

// Whoever is still waited for gets the turns of its sequence, taken before or now. Of the others
// only the account is wanted.
void lane::send_again(time_point now) {
  bool sent_any = false;
  for (batch* const each : std::exchange(unanswered_, {})) {
    if (!with_.waiting.wanted(*each)) {
      send_resolve(*each, now);
    } else if (with_.breaker.allows()) {
      with_.events.batch_sent_again();
      send_take(*each, now);
    } else {
      unanswered_.push_back(each);
      continue;
    }
    sent_any = true;
  }
  if (sent_any)
    with_.link.write();
}

// ---- answers

void lane::on_reply(const reply& answer, time_point now) {
  last_heard_ = now;
  silent_looks_ = 0;
  if (sent_.empty())
    return lose(store_failure::protocol, "a reply to nothing", now);
  const sent answered = sent_.front();
  sent_.pop_front();
  switch (answered.what) {
    case command::take:
      return on_take(answered, answer, now);
    case command::resolve:
      return on_resolved(*answered.which, answer, now);
    case command::fast:
      return on_fast(answered, answer, now);
    case command::check:
      return on_check(answer, now);
    case command::greet:
      return on_greeted(answer, now);
    case command::genesis:
      return on_genesis(answer, now);
    case command::raise:
      return on_raised(answer, now);
    case command::library:
      library_under_way_ = false;
      return on_library(answer, now);
    case command::query:
      return on_queried(answer);
    case command::catch_up:
      return on_caught_up(answer, now);
    case command::ignored:
      return;
    case command::peek:
      if (answered.peek)
        finish_peek(*answered.peek, answer);
      return;
    case command::ping:
      if (answered.ping)
        answered.ping->complete(answer.is_error() ? ping_operation::result_type{errc::unavailable}
                                                  : ping_operation::result_type{});
      return;
    case command::probe:
      return settle_probe(!answer.is_error(), now);
  }
}

void lane::on_take(const sent& answered, const reply& answer, time_point now) {
  using kind = take_answer::kind;
  batch& which = *answered.which;
  if (answer.is_error())
    return on_refused(answered, answer.text, now);
  const take_answer read = read_take_answer(answer, which.turns);
  switch (read.what) {
    case kind::taken:
      with_.breaker.call_succeeded(answered.call, now);
      return on_taken(answered, read, now);
    case kind::exhausted:
      with_.breaker.call_succeeded(answered.call, now);
      return fail(which, errc::counter_exhausted);
    case kind::forgotten:
      return on_forgotten(which, read.value, now);
    case kind::behind:
      return on_behind(which, read.value);
    case kind::halted:
      (void)with_.guard.note_behind({std::string{which.id.text()}, read.value, read.value});
      return fail_behind(which);
    case kind::foreign:
      return on_foreign(which, now);
    case kind::not_taken:
      if (!which.once.empty())
        return give_back(which);  // its key had the turns, and has ended meanwhile
      [[fallthrough]];
    case kind::superseded:
    case kind::malformed:
      unanswered_.push_back(&which);
      return lose(store_failure::protocol, "not an answer to a take", now);
  }
}

void lane::on_taken(const sent& answered, const take_answer& answer, time_point now) {
  batch& which = *answered.which;
  // The server has restarted twice since. It may have come back as it was before the first time,
  // and remember what was issued in between to somebody else.
  if (raisings_ > which.raisings + 1)
    return give_up(which);
  if (!may_hand_out(which, answer.range)) {
    if (answered.what == command::fast)
      return give_up(which);
    unanswered_.push_back(&which);
    return lose(store_failure::lost, "the server has restarted since", now);
  }
  pause_ = duration::zero();
  if (answer.skipped > 0)
    report_behind(which.id, which.fence - answer.skipped, which.fence, how_.on_loss);
  // What was taken before says nothing of the counter as it is now.
  if (with_.guard.any_behind() && which.sendings <= 1 && !answer.range.known)
    with_.guard.note_counting_again(which.id.text());
  if (answer.range.first > 1 || answer.range.known)
    uncharge(which);
  with_.events.batch_answered(answer.range.count, now - answered.call.sent);
  --open_batches_;
  const counter_id id = which.id;
  const std::uint64_t nobodys = with_.waiting.settle(which, answer.range);
  if (nobodys > 0)
    burn(burn_reason::deadline, nobodys, id);
}

// Another lane may have met a restarted server meanwhile, and raised its counters to what was known
// then. If that has lost the turns that are answered here, they are issued anew. So they are made
// known before they are handed out, and only then is it certain that nobody has overlooked them:
// who raises first says so and then looks.
bool lane::may_hand_out(const batch& which, turn_range range) {
  if (is_outdated())
    return false;
  with_.guard.fences.raise(which.id, range.first + range.count - 1, which.place);
  return !is_outdated();
}

void lane::on_forgotten(batch& which, std::uint64_t value, time_point now) {
  if (which.sendings > 1) {
    with_.events.happened(store_event::turns_burned, "what became of a batch is not remembered");
    return give_up(which);
  }
  if (!with_.waiting.wanted(which))
    return fail(which, errc::deadline_passed);
  // A memo above the counter was dropped: somebody has moved it back, past the service.
  if (value <= which.fence)
    return on_behind(which, value);
  // Never sent before, so it cannot have been executed. Knowing where the counter stands, it will.
  which.fence = std::max(which.fence, value);
  which.sendings = 0;
  send_take(which, now);
  with_.link.write();
}

void lane::report_behind(const counter_id& id, std::uint64_t found, std::uint64_t issued,
                         loss_policy policy) {
  if (policy == loss_policy::skip)
    with_.guard.note_skipped();
  else if (!with_.guard.note_behind({std::string{id.text()}, found, issued}))
    return;  // told before
  std::string detail{id.text()};
  detail.append(" stood at ").append(std::to_string(found));
  detail.append(", issued up to ").append(std::to_string(issued));
  with_.events.happened(store_event::counter_behind, detail);
}

void lane::on_behind(batch& which, std::uint64_t value) {
  report_behind(which.id, value, which.fence, how_.on_loss);
  fail_behind(which);
}

// Nothing is remembered of it, so if it was sent before that may be executed once the counter goes
// on.
void lane::fail_behind(batch& which) {
  if (which.sendings > 1)
    give_up(which);
  else
    fail(which, errc::store_behind);
}

void lane::on_foreign(batch& which, time_point now) {
  if (which.sendings > 1)
    give_up(which);  // what its first sending did is not to be had from this store
  else
    fail(which, errc::store_behind);
  if (phase_ == phase::counting)
    lose_genesis(store_loss::exchanged, now);
}

void lane::on_resolved(batch& which, const reply& answer, time_point now) {
  using kind = take_answer::kind;
  if (answer.is_error())
    return on_resolve_refused(which, answer.text, now);
  const take_answer read = read_take_answer(answer, which.turns);
  if (read.what == kind::not_taken && which.raisings == with_.guard.raisings())
    return fail(which, errc::deadline_passed);
  if (read.what != kind::taken)
    return give_up(which);  // if the server has restarted, it may have been taken and lost
  --open_batches_;
  const counter_id id = which.id;
  burn(burn_reason::deadline, with_.waiting.settle(which, read.range), id);
}

// ---- the end of a batch

void lane::fail(batch& which, errc why) {
  if (why != errc::outcome_unknown)
    uncharge(which);
  --open_batches_;
  with_.waiting.fail(which, why);
}

// Whether the store knows an id tells only the reply. So each that is not known here is charged
// for a new one when it is sent, and the charge is taken back if it was none.
bool lane::charge(batch& which, time_point now) {
  const auto refusal = with_.new_ids ? with_.new_ids->charge(which.client, now) : std::nullopt;
  if (!refusal)
    return true;
  if (refusal->by == new_id_limit::scope::client)
    with_.waiting.fail_client(which, errc::too_many_new_ids, refusal->wait);
  else
    with_.waiting.fail(which, errc::too_many_new_ids, refusal->wait);
  return false;
}

void lane::uncharge(const batch& which) {
  if (with_.new_ids && which.place == nullptr)
    with_.new_ids->give_back(which.client);
}

void lane::give_back(batch& which) {
  uncharge(which);
  --open_batches_;
  with_.waiting.give_back(which);
}

void lane::give_up(batch& which) {
  burn(burn_reason::outcome_unknown, which.turns, which.id);
  fail(which, errc::outcome_unknown);
}

void lane::burn(burn_reason why, std::uint64_t turns, const counter_id& id) {
  with_.events.turns_burned(why, turns);
  std::string detail{burn_reason_labels[index_of(why)]};
  detail.append(": ").append(std::to_string(turns)).append(" of ").append(id.text());
  with_.events.happened(store_event::turns_burned, detail);
}

// A store that is silent while requests reach their deadlines fails at each look until it is heard:
// if all asked at the same moment, the next deadline is that of those who ask again.
void lane::expire(time_point now) {
  if (now < next_expiry())
    return;
  last_expiry_ = now;
  if (with_.waiting.expire(now) > 0)
    silent_looks_ = sent_.empty() ? 0 : silent_looks_max;
  else if (silent_looks_ > 0)
    --silent_looks_;
  else
    return;
  fail_call(with_.breaker.call_sent(now), store_failure::deadline, now);
  if (!with_.breaker.allows())
    silent_looks_ = 0;
}

time_point lane::next_expiry() const noexcept {
  const bool silent = silent_looks_ > 0 && !sent_.empty();
  const time_point due = silent ? time_point::min() : with_.waiting.earliest_deadline();
  return std::max(due, last_expiry_ + expiry_period);
}

void lane::fail_call(const call_ticket& call, store_failure why, time_point now) {
  with_.events.call_failed(why);
  with_.breaker.call_failed(call, now);
}

}  // namespace turnomatic::redis
