// Taking turns without exactly-once: one HINCRBY a batch, and the genesis read behind them.
#include "backend/redis/lane.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace turnomatic::redis {

void lane::on_fast(sent answered, const reply& answer, time_point now) {
  if (answer.is_error())
    return on_refused(answered, answer.text, now);
  const std::uint64_t turns = answered.which->turns;
  if (answer.what != reply::kind::integer || answer.integer < 1 ||
      static_cast<std::uint64_t>(answer.integer) < turns) {
    give_up(*answered.which);
    return lose(store_failure::protocol, "not an answer to an increment", now);
  }
  with_.breaker.call_succeeded(answered.call, now);
  answered.value = static_cast<std::uint64_t>(answer.integer);
  unchecked_.push_back(answered);
}

// The increments before it went to the store with this genesis.
void lane::on_check(const reply& answer, time_point now) {
  if (answer.is_error()) {  // it says nothing of the genesis: ask again
    tell_refusal(answer.text);
    check_again_ = !unchecked_.empty();
    if (check_again_)
      pause(now);
    return;
  }
  const bool same = answer.is_string() && answer.text == genesis_;
  for (const sent& each : std::exchange(unchecked_, {})) {
    if (same) {
      settle_fast(each, now);
    } else {
      lose_taken(*each.which);
    }
  }
  if (!same && phase_ == phase::counting)
    lose_genesis(answer.is_string() ? store_loss::exchanged : store_loss::emptied, now);
  else if (is_outdated() && phase_ == phase::counting)
    lose(store_failure::lost, "the server has restarted since", now);
}

void lane::lose_taken(batch& which) {
  burn(burn_reason::store_loss, which.turns, which.id);
  fail(which, errc::store_behind);
}

void lane::settle_fast(const sent& answered, time_point now) {
  batch& which = *answered.which;
  const std::uint64_t before = answered.value - which.turns;
  if (before >= turn_max)
    return fail(which, errc::counter_exhausted);
  if (before < which.fence) {
    burn(burn_reason::store_loss, which.turns, which.id);
    if (how_.on_loss == loss_policy::halt)
      return on_behind(which, before);
    report_behind(which.id, before, which.fence, how_.on_loss);
    if (answered.value < which.fence) {
      const std::array<fence_table::fence, 1> to{{{which.id, which.fence}}};
      commands_.raise(with_.link.output(), genesis_, to, loss_policy::skip);
      note({.what = command::catch_up}, now);
      with_.link.write();
    }
    return give_back(which);
  }
  const take_answer taken{.what = take_answer::kind::taken,
                          .range = {before + 1, std::min(which.turns, turn_max - before)}};
  on_taken(answered, taken, now);
}

}  // namespace turnomatic::redis
