// What a lane does when its store refuses.
#include "backend/redis/lane.hpp"
#include "backend/redis/refusal_table.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;

// After the store has refused for now (LOADING, BUSY ...): twice as long each time, until it
// answers.
constexpr duration pause_min = 20ms;
constexpr duration pause_max = 500ms;

// What a store sent, in a length fit for a log.
std::string_view shortened(std::string_view text) {
  return text.substr(0, 200);
}

bool needs_operator(refusal_kind why) noexcept {
  return why == refusal_kind::not_permitted || why == refusal_kind::no_counter ||
         why == refusal_kind::other;
}

}  // namespace

// Certainly not applied by this sending; an earlier one may have been, whatever stands against this
// one.
void lane::on_refused(const sent& answered, std::string_view error, time_point now) {
  batch& which = *answered.which;
  const refusal_kind why = classify_error(error);
  if (why == refusal_kind::foreign) {
    if (answered.what == command::fast)
      give_up(which);  // it has no sequence under which it could be sent again
    else
      unanswered_.push_back(&which);
    return lose(store_failure::protocol, shortened(error), now);
  }
  if (why == refusal_kind::no_function)
    load_library(now);
  else
    tell_refusal(error);
  // One id's key, and a store that is full and says so, are not the failure of the store.
  if (why != refusal_kind::no_function && why != refusal_kind::full &&
      why != refusal_kind::no_counter && why != refusal_kind::read_only)
    fail_call(answered.call, store_failure::refused, now);
  if (why == refusal_kind::no_counter && which.sendings > 1)
    return give_up(which);  // nobody can look any more what an earlier sending did
  if (why == refusal_kind::later || (which.sendings > 1 && why != refusal_kind::no_function))
    pause(now);
  const bool may_go_soon = why == refusal_kind::no_function || why == refusal_kind::later ||
                           why == refusal_kind::read_only;
  if (which.sendings > 1)
    unanswered_.push_back(&which);
  else if (may_go_soon && retries_.withdraw(now) && with_.breaker.allows())
    give_back(which);
  else
    fail(which, why == refusal_kind::full ? errc::store_full : errc::unavailable);
  if (why == refusal_kind::read_only)
    lose(store_failure::lost, shortened(error), now);
}

// Except for a library that has to be loaded, which is done, and an error that is not of a store.
void lane::tell_refusal(std::string_view error) {
  const refusal_kind why = classify_error(error);
  if (why != refusal_kind::no_function && why != refusal_kind::foreign)
    with_.events.refused(refusal_of(error), shortened(error));
}

void lane::pause(time_point now) {
  if (paused_until_ && now < *paused_until_)
    return;  // one refusal among many that were under way together
  pause_ = std::clamp(pause_ * 2, pause_min, pause_max);
  paused_until_ = now + pause_;
}

void lane::load_library(time_point now) {
  if (std::exchange(library_under_way_, true))
    return;
  store_commands::load_library(with_.link.output());
  note({.what = command::library}, now);
  with_.link.write();
}

void lane::on_library(const reply& answer, time_point now) {
  library_under_way_ = false;
  if (is_loaded(answer))
    return;
  tell_refusal(answer.text);
  fail_call(with_.breaker.call_sent(now), store_failure::refused, now);
  pause(now);
}

void lane::on_resolve_refused(batch& which, std::string_view error, time_point now) {
  const refusal_kind why = classify_error(error);
  tell_refusal(error);
  if (needs_operator(why))
    return give_up(which);
  unanswered_.push_back(&which);
  try_later(why, error, now);
}

// If it was not raised, the next take finds it behind again.
void lane::on_caught_up(const reply& answer, time_point now) {
  if (!answer.is_error())
    return;
  tell_refusal(answer.text);
  try_later(classify_error(answer.text), answer.text, now);
}

// What was refused is sent again.
void lane::try_later(refusal_kind why, std::string_view error, time_point now) {
  if (why == refusal_kind::read_only || why == refusal_kind::foreign)
    return lose(store_failure::lost, shortened(error), now);
  pause(now);
  if (why == refusal_kind::no_function)
    load_library(now);
}

}  // namespace turnomatic::redis
