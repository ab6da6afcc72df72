#include "backend/memory/memory_administrator.hpp"

#include <turnomatic/turn.hpp>

#include <algorithm>
#include <string>

namespace turnomatic::memory {
namespace {

// Takes that went too far stand above the last turn for a moment, or for good.
admin_answer::counter seen(std::string_view id, std::uint64_t value) {
  return {std::string{id}, std::min(value, turn_max), false};
}

}  // namespace

void memory_administrator::perform(const admin_request& what, completion done) {
  done(answer(what));
}

result<admin_answer> memory_administrator::answer(const admin_request& what) {
  switch (what.what) {
    case admin_action::peek:
      return peek(*what.id);
    case admin_action::list:
      return list(what.cursor, what.limit);
    case admin_action::set:
      return set(what);
    case admin_action::resume:
    case admin_action::show_breakers:
    case admin_action::set_breakers:
    case admin_action::adopt:
      break;
  }
  return errc::not_supported;
}

admin_answer memory_administrator::peek(const counter_id& id) const {
  const counter_table::counter* const found = table_.find(id);
  admin_answer answer;
  answer.counters.push_back(seen(id.text(), found ? found->load(std::memory_order_relaxed) : 0));
  return answer;
}

// The cursor is the place in the table: counters are never removed, so none is missed or repeated.
admin_answer memory_administrator::list(std::uint64_t cursor, std::uint32_t limit) const {
  const std::uint64_t size = table_.size();
  const std::uint64_t end = std::min(size, std::min(cursor, size) + limit);
  admin_answer answer;
  for (std::uint64_t i = cursor; i < end; ++i) {
    const counter_table::item found = table_.at(static_cast<std::uint32_t>(i));
    answer.counters.push_back(seen(found.id, found.value));
  }
  answer.cursor = end < size ? end : 0;
  return answer;
}

result<admin_answer> memory_administrator::set(const admin_request& what) {
  // Every counter is at 0 already; one that does not exist shall not come to be by a refusal.
  if (what.turn == 0 && !what.force && !table_.find(*what.id))
    return errc::counter_ahead;
  counter_table::counter* const counter = table_.find_or_create(*what.id);
  if (!counter)
    return errc::store_full;
  std::uint64_t before = counter->load(std::memory_order_relaxed);
  do {
    if (what.turn <= before && !what.force)
      return errc::counter_ahead;
  } while (!counter->compare_exchange_weak(before, what.turn, std::memory_order_relaxed));
  admin_answer answer;
  answer.counters.push_back(seen(what.id->text(), what.turn));
  answer.turn_before = std::min(before, turn_max);
  return answer;
}

}  // namespace turnomatic::memory
