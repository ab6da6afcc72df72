// How a lane comes to its store and how it leaves.
#include "backend/redis/lane.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

// While another lane raises the counters.
constexpr duration wait_period = 5ms;
// While counting is halted: an operator may have restored the store, or adopted it.
constexpr duration halt_period = 500ms;

constexpr std::size_t fences_per_command = 100;
constexpr std::size_t raises_under_way = 8;

}  // namespace

// ---- there and away

void lane::connect(time_point now) {
  phase_ = phase::opening;
  phase_until_ = now + how_.connect_timeout;
  with_.link.open();
}

void lane::on_open(time_point now) {
  phase_ = phase::greeting;
  phase_until_ = now + how_.connect_timeout;
  raisings_when_asked_ = with_.guard.raisings();
  greeting_.begin(with_.guard.may_found());
  send_greeting(now);
}

void lane::on_closed(std::string_view why, time_point now) {
  const bool established = phase_ != phase::opening && phase_ != phase::greeting;
  lose(established ? store_failure::lost : store_failure::connect, why, now);
}

void lane::lose(store_failure why, std::string_view text, time_point now) {
  const phase was = std::exchange(phase_, phase::down);
  with_.guard.note_trouble(text);
  phase_until_ = now + reconnect_.next();
  with_.link.close();
  if (was == phase::raising)
    with_.guard.raised(false);
  with_.events.happened(
      why == store_failure::connect ? store_event::connect_failed : store_event::connection_lost,
      text);
  give_up_commands();
  settle_probe(false, now);
  fail_call(with_.breaker.call_sent(now), why, now);
}

// Takes wait for the next connection: their sequence tells whether they were executed.
void lane::give_up_commands() {
  raising_.clear();
  library_under_way_ = false;
  check_again_ = false;
  silent_looks_ = 0;
  for (const query_under_way& each : std::exchange(queries_, {}))
    each.done(nullptr);
  for (const sent& each : std::exchange(unchecked_, {}))
    give_up(*each.which);
  while (!sent_.empty()) {
    const sent each = sent_.front();
    sent_.pop_front();
    if (each.what == command::take || each.what == command::resolve)
      unanswered_.push_back(each.which);
    else if (each.what == command::fast)
      give_up(*each.which);
    else if (each.peek)
      each.peek->complete(errc::unavailable);
    else if (each.ping)
      each.ping->complete(errc::unavailable);
  }
}

// ---- greeting

void lane::send_greeting(time_point now) {
  if (!greeting_.next(with_.link.output(), commands_)) {
    if (greeting_.founded())
      with_.events.happened(store_event::founded, greeting_.genesis());
    return arrive(greeting_.genesis(), now);
  }
  note({.what = command::greet}, now);
  with_.link.write();
}

void lane::on_greeted(const reply& answer, time_point now) {
  if (const auto taken = greeting_.take(answer); !taken) {
    if (answer.is_error())
      tell_refusal(answer.text);
    return lose(store_failure::connect, taken.error(), now);
  }
  send_greeting(now);
}

void lane::arrive(std::string_view genesis, time_point now) {
  const bool was_halted = phase_ == phase::halted;
  // What was read of the store before another lane adopted it is no loss.
  if (is_superseded(genesis, raisings_when_asked_))
    return was_halted ? ask_for_genesis(now) : connect_anew(now);
  raisings_ = with_.guard.raisings();  // before: if it is outdated meanwhile, that shows
  const admission what = with_.guard.arrive(genesis, greeting_.epoch());
  if (what == admission::halted)
    return halt(with_.guard.loss(), now);
  genesis_ = genesis;
  if (was_halted)
    with_.events.happened(store_event::recovered, genesis_);
  switch (what) {
    case admission::count:
      return begin_counting(now);
    case admission::raise:
      raisings_ = with_.guard.raisings();  // our own
      return begin_raising(now);
    case admission::wait:
      phase_ = phase::waiting;
      phase_until_ = now + wait_period;
      return;
    case admission::halted:
      return;
  }
}

void lane::begin_counting(time_point now) {
  phase_ = phase::counting;
  with_.link.approve();
  reconnect_.reset();
  paused_until_.reset();
  with_.events.happened(store_event::connected, {});
  settle_probe(true, now);
  pump(now);
}

// ---- a store that has lost its genesis

// If it is none of ours, pump connects anew once the replies to come are in.
void lane::lose_genesis(store_loss how, time_point now) {
  if (with_.guard.lose(how, genesis_))
    halt(how, now);
}

// Whether another lane has met a store that an operator has adopted, since the guard was as
// `known_at` says and this genesis was the one that counts.
bool lane::is_superseded(std::string_view genesis, std::uint64_t known_at) const {
  return with_.guard.raisings() != known_at && with_.guard.genesis() != genesis;
}

void lane::connect_anew(time_point now) {
  with_.link.close();
  give_up_commands();
  connect(now);
}

void lane::halt(store_loss how, time_point now) {
  const bool is_new = phase_ != phase::halted;
  phase_ = phase::halted;
  phase_until_ = now + (is_new ? 0ms : halt_period);
  if (is_new)
    with_.events.happened(store_event::lost,
                          how == store_loss::emptied ? "the genesis is gone" : "another genesis");
  settle_probe(true, now);  // it answers, which is all that the breaker asks
  // A check that comes back now says nothing of the store from which these were taken.
  check_again_ = false;
  for (const sent& each : std::exchange(unchecked_, {}))
    lose_taken(*each.which);
  with_.waiting.fail_waiting(errc::store_behind);
}

void lane::ask_for_genesis(time_point now) {
  phase_until_ = now + halt_period;
  raisings_when_asked_ = with_.guard.raisings();
  if (with_.guard.may_found()) {
    commands_.found(with_.link.output(), greeting_.draw_genesis());
    note({.what = command::ignored}, now);
  }
  commands_.read_genesis(with_.link.output());
  note({.what = command::genesis}, now);
  with_.link.write();
}

void lane::on_genesis(const reply& answer, time_point now) {
  if (answer.is_error())
    tell_refusal(answer.text);
  if (phase_ != phase::halted || answer.is_error())
    return;
  const std::string found{answer.is_string() ? answer.text : std::string_view{}};
  arrive(found, now);
}

// ---- raising the counters after a restart of the server

void lane::begin_raising(time_point now) {
  phase_ = phase::raising;
  raise_shard_ = 0;
  raise_policy_ = with_.guard.raising_adopted() ? loss_policy::skip : how_.on_loss;
  fences_.clear();
  raising_.clear();
  if (with_.guard.fences.size() > 0)
    with_.events.happened(store_event::raising, {});
  send_fences(now);
}

void lane::send_fences(time_point now) {
  bool sent_any = false;
  while (raising_.size() < raises_under_way) {
    while (fences_.empty() && raise_shard_ < fence_table::shard_count)
      fences_ = with_.guard.fences.shard(raise_shard_++);
    if (fences_.empty())
      break;
    const std::size_t size = std::min(fences_.size(), fences_per_command);
    const auto begin = fences_.end() - static_cast<std::ptrdiff_t>(size);
    raising_.emplace_back(begin, fences_.end());
    fences_.erase(begin, fences_.end());
    commands_.raise(with_.link.output(), genesis_, raising_.back(), raise_policy_);
    note({.what = command::raise}, now);
    sent_any = true;
  }
  if (sent_any)
    with_.link.write();
  if (!raising_.empty())
    return;
  with_.guard.raised(true);
  begin_counting(now);
}

void lane::on_raised(const reply& answer, time_point now) {
  const std::vector<fence_table::fence> chunk = std::move(raising_.front());
  raising_.pop_front();
  const bool sound = answer.what == reply::kind::array && !answer.elements.empty() &&
                     answer.elements.front()->is_string();
  if (sound && answer.elements.front()->text == "foreign") {
    with_.guard.raised(false);
    if (with_.guard.lose(store_loss::exchanged, genesis_))
      return halt(store_loss::exchanged, now);
    return lose(store_failure::lost, "the store was adopted since", now);
  }
  if (answer.is_error())
    tell_refusal(answer.text);
  if (!sound || answer.elements.front()->text != "raised")
    return lose(store_failure::protocol, answer.is_error() ? answer.text : "no answer to a raise",
                now);
  for (std::size_t i = 1; i < answer.elements.size(); i += 2) {
    const auto index = answer.natural_at(i);
    const auto found = answer.natural_at(i + 1);
    if (!index || !found || *index >= chunk.size())
      return lose(store_failure::protocol, "no answer to a raise", now);
    report_behind(chunk[*index].first, *found, chunk[*index].second, raise_policy_);
  }
  send_fences(now);
}

// ---- time

void lane::tick(time_point now) {
  with_.breaker.advance(now);
  expire(now);
  expire_looks(now);
  keep_probing(now);
  keep_connection(now);
  pump(now);
}

void lane::keep_connection(time_point now) {
  if (phase_ != phase::down && phase_ != phase::opening && !sent_.empty() &&
      now - last_heard_ >= how_.stall_timeout)
    return lose(store_failure::lost, "no answer for too long", now);
  switch (phase_) {
    case phase::opening:
    case phase::greeting:
      if (now >= phase_until_)
        lose(store_failure::connect, "no answer in time", now);
      return;
    case phase::waiting:
      if (now >= phase_until_)
        arrive(genesis_, now);
      return;
    case phase::halted:
      if (now >= phase_until_)
        ask_for_genesis(now);
      return;
    case phase::counting:
      if (sent_.empty() && now - last_heard_ >= how_.ping_interval)
        send_ping({.what = command::ignored}, now);
      return;
    case phase::down:
    case phase::raising:
      return;
  }
}

void lane::keep_probing(time_point now) {
  if (probe_ && now >= probe_->deadline)
    probe_.reset();  // the breaker has counted it as failed
  const auto due = with_.breaker.probe_due(now);
  if (!due)
    return;
  probe_ = due;
  if (phase_ == phase::counting || phase_ == phase::halted)
    send_ping({.what = command::probe}, now);
  else if (phase_ == phase::down)
    connect(now);
}

void lane::settle_probe(bool succeeded, time_point now) {
  if (!probe_)
    return;
  const probe_ticket ticket = *std::exchange(probe_, std::nullopt);
  if (succeeded)
    with_.breaker.probe_succeeded(ticket, now);
  else
    with_.breaker.probe_failed(ticket, now);
}

time_point lane::wake_at() const noexcept {
  time_point next = time_point::max();
  const auto at = [&next](time_point when) { next = std::min(next, when); };
  if (const auto breaker = with_.breaker.wake_at())
    at(*breaker);
  if (probe_)
    at(probe_->deadline);
  at(next_expiry());
  at(next_look_ends_);
  if (!sent_.empty())
    at(last_heard_ + how_.stall_timeout);
  switch (phase_) {
    case phase::down:
      if (with_.breaker.allows())
        at(phase_until_);
      break;
    case phase::opening:
    case phase::greeting:
    case phase::waiting:
    case phase::halted:
      at(phase_until_);
      break;
    case phase::counting:
      if (sent_.empty())
        at(last_heard_ + how_.ping_interval);
      if (paused_until_)
        at(*paused_until_);
      break;
    case phase::raising:
      break;
  }
  return next;
}

}  // namespace turnomatic::redis
