#include "backend/redis/shard/shard.hpp"

#include "backend/redis/shard/refusal_table.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace turnomatic::redis {
namespace {

// The store may have been restored since, and have been opened without us. The next connection
// finds out, and what became of the packet.
constexpr std::string_view late_answer =
    "the store answered later than redis.recovery_grace allows";
constexpr std::string_view late_replicas =
    "too few replicas acknowledged within redis.recovery_grace";

}  // namespace

shard::shard(const dependencies& parts, const settings& how, setup::settings set_up,
             const token_source& draw_token, std::uint32_t seed, time_point now)
    : parts_{parts},
      settings_{how},
      keys_{set_up.prefix, 0},
      link_{how.connection, seed, now},
      setup_{std::move(set_up), keys_, parts.guard, draw_token},
      lane_{parts.guard, parts.events, keys_, how.entry, draw_token, parts.wake},
      account_{{parts.waiting, parts.guard, parts.events, parts.new_ids}},
      replicas_{how.replicas},
      gate_{parts.breaker, parts.events},
      deadlines_{now} {}

void shard::apply(const settings& how) {
  settings_ = how;
  link_.apply(how.connection);
  lane_.apply(how.entry);
  replicas_.apply(how.replicas);
}

void shard::note(sent_command command, time_point now) {
  link_.sends(!queue_.empty(), now);
  queue_.push(std::move(command));
}

// ---- there and away

void shard::on_open(time_point now) {
  link_.opened(now);
  const std::uint32_t commands = setup_.begin(
      parts_.connection.output(), parts_.connection.password(), parts_.connection.peer());
  note({.reason = purpose::set_up, .replies_left = commands}, now);
  parts_.connection.write();
}

void shard::on_closed(std::string_view why, time_point now) {
  lose(link_.now() == link::phase::up ? store_failure::lost : store_failure::connect, why, now);
}

// A packet that is under way stays so: the lane's record tells, on the next connection.
void shard::end_connection() {
  parts_.connection.close();
  replicas_.give_up();
  lane_.disconnected();
  queue_.give_up();
}

void shard::lose(store_failure reason, std::string_view text, time_point now) {
  parts_.guard.notes.set_trouble(text);
  link_.lost(now);
  end_connection();
  parts_.events.happened(
      reason == store_failure::connect ? store_event::connect_failed : store_event::connection_lost,
      text);
  gate_.settle_probe(false, now);
  gate_.failed(reason, now);
}

// ---- setting up

void shard::on_set_up(const reply& answer, time_point now) {
  switch (setup_.take(answer)) {
    case setup::progress::goes_on:
      return;
    case setup::progress::founds:
      setup_.append_found(parts_.connection.output());
      note({.reason = purpose::found}, now);
      return parts_.connection.write();
    case setup::progress::refused:
      if (!setup_.refusal().empty())
        gate_.refused(setup_.refusal());
      return lose(store_failure::connect, setup_.trouble(), now);
    case setup::progress::emptied:
      return see_wrong_store(store_loss::emptied, now);
    case setup::progress::exchanged:
      return see_wrong_store(store_loss::exchanged, now);
    case setup::progress::ready:
      break;
  }
  link_.is_up();
  parts_.connection.approve();
  if (setup_.founded())
    parts_.events.happened(store_event::founded, parts_.guard.store_id());
  if (std::exchange(loss_, store_loss::none) != store_loss::none) {
    parts_.guard.lane_recovered(lane_.number());
    parts_.events.happened(store_event::recovered, parts_.guard.store_id());
  }
  if (lane_.forsake_other_store()) {
    account_.unknown();
    account_.burn_doubts();
  }
  gate_.settle_probe(true, now);
  parts_.guard.notes.set_server(setup_.server());
  lane_.connected(setup_.server());
  say(now);
}

// The connection ends and the name is looked up again: it may have led to the wrong store by
// mistake. Packets that are under way keep their chance: the right one knows what became of them.
void shard::see_wrong_store(store_loss how, time_point now) {
  if (std::exchange(loss_, how) == store_loss::none)
    parts_.events.happened(store_event::lost, how == store_loss::emptied
                                                  ? "there is no store record any more"
                                                  : "the store has another id");
  parts_.guard.lane_lost(lane_.number(), how);
  gate_.settle_probe(true, now);  // it answers, which is all that the breaker asks
  link_.lost(now);
  end_connection();
  parts_.waiting.fail_waiting(errc::store_behind);
}

// ---- what comes

void shard::on_reply(const reply& answer, time_point now) {
  link_.heard(now);
  if (queue_.empty())
    return lose(store_failure::protocol, "a reply to nothing", now);
  const sent_command sent = queue_.take_reply();
  switch (sent.reason) {
    case purpose::set_up:
    case purpose::found:
      return on_set_up(answer, now);
    case purpose::probe:
      return gate_.settle_probe(!answer.is_error(), now);
    case purpose::query:
      return sent.done(&answer);
    case purpose::wait:
      return on_wait(answer, now);
    case purpose::packet:
      if (queue_.expects(purpose::wait) && is_packet_result(answer))
        return replicas_.hold(sent.reason, answer);
      break;
    case purpose::enter:
      if (queue_.expects(purpose::wait) && is_entry(answer))
        return replicas_.hold(sent.reason, answer);
      break;
    case purpose::refresh:
    case purpose::look:
    case purpose::marks:
    case purpose::report:
      break;
  }
  take(sent.reason, answer, now);
}

void shard::take(purpose reason, const reply& answer, time_point now) {
  if (reason == purpose::packet)
    return on_packet(answer, now);
  if (answer.is_error()) {
    // None of these counts anything: the next connection begins with what was meant.
    gate_.refused(answer.text);
    if (refusal_of(answer.text).action == refusal_action::wait && lane_.put_off(reason, now))
      return;
    return lose(store_failure::refused, refusal_text(answer.text), now);
  }
  const auto verdict = lane_.on_reply(reason, answer, now);
  if (!verdict)
    return;
  if (verdict->type == take_protocol::verdict::kind::counting) {
    link_.is_of_use();
    gate_.connected();
    parts_.guard.note_known();
    parts_.events.happened(store_event::connected, {});
  }
  act(*verdict, now);
}

// A probe does not queue up after it: it says as much as a PING would.
void shard::on_wait(const reply& answer, time_point now) {
  using outcome = acknowledgement::outcome;
  const outcome found = replicas_.on_wait(answer);
  if (found == outcome::refused) {
    gate_.refused(answer.text);
    return lose(store_failure::refused, refusal_text(answer.text), now);
  }
  gate_.settle_probe(found != outcome::missed, now);
  if (found == outcome::reached) {
    const acknowledgement::answered held = replicas_.release();
    return take(held.reason, held.answer, now);
  }
  if (found == outcome::missed) {
    await_replicas(now);
    parts_.connection.write();
  }
}

void shard::on_packet(const reply& answer, time_point now) {
  if (!lane_.protocol().packet_under_way())
    return;  // a refresh has found before that its lane's record is gone
  if (answer.is_error())
    return on_packet_refused(answer.text, now);
  const bool is_late = now - gate_.packet_sent_at() > settings_.entry.recovery_grace;
  act(is_late ? take_protocol::verdict{.type = take_protocol::verdict::kind::late}
              : lane_.on_packet(answer, account_.size()),
      now);
}

void shard::act(const take_protocol::verdict& verdict, time_point now) {
  using kind = take_protocol::verdict::kind;
  const bool lacked_replicas = replicas_.was_missed();
  if (verdict.packet != take_protocol::fate::none || verdict.type == kind::counting)
    replicas_.settled();
  if (account_.end(verdict, now - gate_.packet_sent_at(),
                   lacked_replicas ? burn_reason::not_replicated : burn_reason::deadline, now))
    gate_.packet_succeeded(now);
  if (verdict.behind) {
    account_.burn_doubts();
    parts_.guard.notes.count_loss();
    parts_.events.happened(store_event::lost, verdict.loss);
  }
  switch (verdict.type) {
    case kind::counting:
      return pump(now);
    case kind::closed:
      if (lane_.protocol().standing() != take_protocol::state::barred)
        lose(store_failure::lost, "the store was closed for a recovery", now);
      return;
    case kind::lost:
      return say(now);
    case kind::foreign:
      return see_wrong_store(verdict.emptied ? store_loss::emptied : store_loss::exchanged, now);
    case kind::late:
      if (lacked_replicas)
        return lose(store_failure::not_replicated, late_replicas, now);
      return lose(store_failure::deadline, late_answer, now);
    case kind::malformed:
      return lose(store_failure::protocol, "not an answer of the script", now);
  }
}

// ---- what is said

void shard::say(time_point now) {
  bool any = false;
  while (const auto step = lane_.next(parts_.connection.output(), now)) {
    for (std::size_t i = 0; i < step->commands; ++i)
      note({.reason = step->reason}, now);
    if (step->reason == purpose::enter)
      await_replicas(now);
    any = true;
  }
  if (any)
    parts_.connection.write();
}

void shard::pump(time_point now) {
  if (!gate_.allows())
    parts_.waiting.fail_waiting(errc::breaker_open);  // however it came to be open
  if (sees_wrong_store())
    parts_.waiting.fail_waiting(errc::store_behind);
  if (link_.due(!queue_.empty(), now) == link::overdue::connection) {
    link_.opens();
    return parts_.connection.open();
  }
  if (lane_.is_outrun()) {
    link_.lost(now);  // before a query is told that it was lost, and asks again
    return end_connection();
  }
  say(now);
  send_packet(now);
}

void shard::send_packet(time_point now) {
  if (!lane_.may_send() || !gate_.may_send(now) || !account_.fill(now))
    return;
  lane_.protocol().send(parts_.connection.output(), account_.batches(), account_.marks(),
                        settings_.entry.on_loss, settings_.key_lifetime, now);
  gate_.packet_sent(now);
  note({.reason = purpose::packet}, now);
  await_replicas(now);
  parts_.connection.write();
}

void shard::await_replicas(time_point now) {
  if (replicas_.append_wait(parts_.connection.output()))
    note({.reason = purpose::wait}, now);
}

void shard::on_packet_refused(std::string_view error, time_point now) {
  const refusal_row& rule = refusal_of(error);
  if (rule.action == refusal_action::unknown)
    return lose(store_failure::protocol, refusal_text(error), now);
  lane_.protocol().on_packet_refused();
  gate_.refused(error);
  if (rule.action == refusal_action::fail) {
    // A store that is full and says so has not failed.
    if (rule.kind != store_refusal::full)
      gate_.packet_failed(store_failure::refused, now);
    return account_.fail(rule.error);
  }
  account_.refused();
  if (rule.action == refusal_action::reconnect)
    return lose(store_failure::refused, refusal_text(error), now);
  gate_.packet_put_off(now);
}

void shard::end() {
  account_.unknown();
}

bool shard::query(std::string_view commands, std::size_t count, query_completion done,
                  time_point now) {
  if (link_.now() != link::phase::up)
    return false;
  parts_.connection.output() += commands;
  note({.reason = purpose::query,
        .replies_left = static_cast<std::uint32_t>(count),
        .done = std::move(done)},
       now);
  parts_.connection.write();
  return true;
}

// ---- time

void shard::tick(time_point now) {
  if (now >= deadlines_.due(parts_.waiting.earliest_deadline())) {
    const bool unheard = account_.size() > 0 && link_.last_heard() <= gate_.packet_sent_at();
    const bool is_silent = gate_.allows() && (unheard || replicas_.was_missed());
    if (deadlines_.fails(parts_.waiting.expire(now) > 0, is_silent, now))
      gate_.failed(unheard ? store_failure::deadline : store_failure::not_replicated, now);
  }
  keep_connection(now);
  pump(now);
}

void shard::keep_connection(time_point now) {
  if (gate_.probe_failed(now) && link_.now() == link::phase::up)
    return lose(store_failure::deadline, "no answer to a probe", now);
  switch (link_.due(!queue_.empty(), now)) {
    case link::overdue::answer:
      return lose(store_failure::lost, "no answer for too long", now);
    case link::overdue::set_up:
      return lose(store_failure::connect, "set-up: no answer in time", now);
    case link::overdue::connection:
    case link::overdue::nothing:
      break;
  }
  if (!gate_.probe_due(now))
    return;
  if (link_.now() == link::phase::down)
    link_.hurry(now);
  if (link_.now() != link::phase::up || replicas_.is_waiting())
    return;  // the set-up is the probe, or the WAIT
  append_command(parts_.connection.output(), std::array<std::string_view, 1>{"PING"});
  note({.reason = purpose::probe}, now);
  parts_.connection.write();
}

time_point shard::wake_at() const noexcept {
  const time_point packet = lane_.may_send() ? gate_.pause_ends() : time_point::max();
  return std::min({link_.wake_at(!queue_.empty()), lane_.wake_at(), gate_.wake_at(), packet,
                   deadlines_.due(parts_.waiting.earliest_deadline())});
}

}  // namespace turnomatic::redis
