#include "backend/redis/shard/lane.hpp"

#include "backend/redis/shard/behind_report.hpp"

#include <utility>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

// While the store is closed.
constexpr duration ask_period = 20ms;

// A lane that is in use refreshes its record all the time; what is left of one that died goes.
constexpr std::chrono::milliseconds record_lifetime = std::chrono::days{7};

}  // namespace

lane::lane(store_guard& guard, store_observer& events, const bucket_keys& keys, const settings& how,
           token_source draw, std::function<void()> wake)
    : guard_{guard},
      events_{events},
      keys_{keys},
      settings_{how},
      protocol_{draw},
      recovery_{guard},
      resumed_{guard},
      draw_{std::move(draw)},
      number_{guard.join(std::move(wake))} {
  apply(how);
}

void lane::apply(const settings& how) {
  settings_ = how;
  recovery_.apply({.grace = how.recovery_grace});
}

store_identity lane::identity() const noexcept {
  return {store_id_, protocol_.run(), instance_, visit_.record_lifetime};
}

// ---- there and away

void lane::connected(const server_info& server) {
  is_connected_ = true;
  visit_ = {};
  visit_.record_lifetime = server.evicts_volatile_keys() ? 0ms : record_lifetime;
  store_id_ = guard_.store_id();
  run_number_ = guard_.meet_run(number_, server.run());
  protocol_.connected(server.run());
  recovery_.begin(draw_());
}

void lane::disconnected() {
  is_connected_ = false;
  visit_ = {};
  protocol_.disconnected();
  guard_.note_ended(number_);
}

bool lane::forsake_other_store() {
  const std::string now = guard_.store_id();
  if (store_id_.empty() || store_id_ == now)
    return false;
  store_id_ = now;
  return protocol_.forsake();
}

// ---- what to say

std::optional<lane::step> lane::next(std::string& out, time_point now) {
  if (std::exchange(visit_.looks_next, false) && resumed_.append_look(out, keys_))
    return step{purpose::look, 1};
  if (!is_connected_ || now < visit_.ask_at)
    return std::nullopt;
  switch (protocol_.standing()) {
    case take_protocol::state::away:
      return guard_.raises_adopted() ? recover(out, now) : enter(out, now);
    case take_protocol::state::barred:
      return recover(out, now);
    case take_protocol::state::counting:
      return refresh(out, now);
    case take_protocol::state::entering:
      break;
  }
  return std::nullopt;
}

std::optional<lane::step> lane::enter(std::string& out, time_point now) {
  visit_.asked_at = now;
  instance_ = guard_.instance();
  protocol_.enter(out, keys_, identity());
  return step{purpose::enter, 1};
}

// One lane speaks for all of the instance; the others try to enter from time to time.
std::optional<lane::step> lane::recover(std::string& out, time_point now) {
  if (recovery_.is_under_way())
    return std::nullopt;
  const bool adopts = guard_.raises_adopted();
  const bool too_early = adopts && !guard_.all_have_ended();
  if (!visit_.part && !too_early)
    visit_.part = guard_.claim_part(run_number_);
  if (!visit_.part || too_early) {
    visit_.ask_at = now + ask_period;
    return adopts ? std::nullopt : enter(out, now);
  }
  if (recovery_.begins())
    events_.happened(store_event::recovering, {});
  instance_ = guard_.instance();
  const std::size_t commands =
      recovery_.next(out, *visit_.part, keys_, identity(), {settings_.on_loss, adopts}, now);
  return step{recovery_.is_reporting() ? purpose::report : purpose::marks, commands};
}

std::optional<lane::step> lane::refresh(std::string& out, time_point now) {
  if (visit_.refreshing)
    return std::nullopt;
  visit_.ask_at = now + settings_.refresh_interval;
  visit_.refreshing = true;
  append_refresh(out, keys_, protocol_.name(), identity());
  return step{purpose::refresh, 1};
}

time_point lane::wake_at() const noexcept {
  const bool waits = protocol_.standing() == take_protocol::state::entering || visit_.refreshing ||
                     recovery_.is_under_way();
  return is_connected_ && !waits ? visit_.ask_at : time_point::max();
}

// ---- what comes back

std::optional<lane::verdict> lane::on_reply(purpose reason, const reply& answer, time_point now) {
  switch (reason) {
    case purpose::enter:
      return on_entered(answer, now);
    case purpose::refresh:
      return on_refreshed(answer);
    case purpose::marks:
      return on_marks(answer);
    case purpose::report:
      return on_report(answer, now);
    case purpose::look:
      resumed_.take(answer);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<lane::verdict> lane::on_entered(const reply& answer, time_point now) {
  // The store may have been restored since, and have been opened without us.
  if (now - visit_.asked_at > settings_.recovery_grace)
    return verdict{.type = verdict::kind::late};
  const bool registered = protocol_.is_registered();
  const entry_answer read = read_entry_answer(answer);
  verdict found = protocol_.on_entered(read);
  switch (found.type) {
    case verdict::kind::closed: {
      if (!is_closed_anew(read.closing)) {
        visit_.ask_at = now + ask_period;
        run_number_ = guard_.meet_closing(number_, run_number_, read.closing);
        const bool nothing_of_ours = !registered && guard_.marks.size() == 0;
        const bool behind = found.behind || !(registered || nothing_of_ours);
        guard_.post(number_, run_number_, behind ? standing::behind : standing::in_place);
      }
      return found.behind ? lost(std::move(found)) : found;
    }
    case verdict::kind::counting:
      guard_.note_open(run_number_);
      if (std::exchange(renames_, false))
        guard_.rename_instance();
      visit_.ask_at = now + settings_.refresh_interval;
      return found;
    case verdict::kind::lost:
      return lost(std::move(found));
    case verdict::kind::late:
    case verdict::kind::foreign:
    case verdict::kind::malformed:
      break;
  }
  return found;
}

// Two lanes that do not agree on the run would close the store for ever: what the server says of
// itself has to be read again, and another connection does that.
bool lane::is_closed_anew(std::string_view closing) {
  if (!visit_.closing)
    visit_.closing = closing;
  if (*visit_.closing == closing)
    return false;
  protocol_.store_opened();
  return true;
}

lane::verdict lane::lost(verdict found) {
  guard_.note_given_up();
  renames_ |= found.has_double;  // once others have heard it by the name that they know
  if (found.type == verdict::kind::lost)
    visit_.ask_at = {};
  return found;
}

std::optional<lane::verdict> lane::on_refreshed(const reply& answer) {
  visit_.refreshing = false;
  if (protocol_.standing() != take_protocol::state::counting)
    return std::nullopt;  // it speaks of a record that was given up since
  const entry_answer read = read_entry_answer(answer);
  verdict found = protocol_.on_refreshed(read);
  if (found.type == verdict::kind::counting) {
    guard_.notes.set_unheard(read.unheard);
    visit_.looks_next = !guard_.halted.empty();
    return std::nullopt;
  }
  return found.type == verdict::kind::lost ? lost(std::move(found)) : found;
}

bool lane::put_off(purpose reason, time_point now) {
  if (reason == purpose::refresh) {
    visit_.refreshing = false;
    visit_.ask_at = now + ask_period;
  }
  return reason == purpose::refresh || reason == purpose::look;
}

lane::verdict lane::on_packet(const reply& answer, std::size_t batches) {
  verdict found = protocol_.on_packet(answer, batches);
  return found.type == verdict::kind::lost ? lost(std::move(found)) : found;
}

std::optional<lane::verdict> lane::on_marks(const reply& answer) {
  const auto outcome = recovery_.on_marks(answer);
  if (!outcome)
    return verdict{};
  if (outcome->foreign)
    return verdict{.type = verdict::kind::foreign};
  for (const counter_behind& each : outcome->behind)
    report_behind(guard_, events_, each);
  return std::nullopt;
}

std::optional<lane::verdict> lane::on_report(const reply& answer, time_point now) {
  const report_answer read = recovery_.on_report(answer, *visit_.part, now);
  switch (read.type) {
    case report_answer::kind::opened:
      guard_.notes.set_unheard(read.names);
      events_.happened(store_event::recovered, read.names == " "
                                                   ? std::string{"all were heard"}
                                                   : "not heard:" + std::string{read.names});
      [[fallthrough]];
    case report_answer::kind::open:
      visit_.ask_at = {};
      visit_.part.reset();
      protocol_.store_opened();
      return std::nullopt;
    case report_answer::kind::closed:
      guard_.notes.set_awaited(read.names);
      if (is_closed_anew(read.closing))
        return verdict{.type = verdict::kind::closed};
      visit_.ask_at = now + ask_period;
      return std::nullopt;
    case report_answer::kind::foreign:
      return verdict{.type = verdict::kind::foreign};
    case report_answer::kind::malformed:
      break;
  }
  return verdict{};
}

}  // namespace turnomatic::redis
