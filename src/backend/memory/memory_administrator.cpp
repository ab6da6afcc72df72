#include "backend/memory/memory_administrator.hpp"

#include <turnomatic/turn.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace turnomatic::memory {
namespace {

// Takes that went too far stand above the last turn for a moment, or for good.
admin_answer::counter seen(std::string_view id, std::uint64_t value) {
  return {std::string{id}, std::min(value, turn_max), false};
}

}  // namespace

void memory_administrator::perform(const admin_request& request, completion done) {
  done(answer(request));
}

result<admin_answer> memory_administrator::answer(const admin_request& request) {
  switch (request.action) {
    case admin_action::peek:
      return peek(*request.id);
    case admin_action::list:
      return list(request.cursor, request.limit);
    case admin_action::set:
      return set(request);
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

// The same step looks at the counter and sets it: nobody takes a turn in between.
result<admin_answer> memory_administrator::set(const admin_request& request) {
  const auto refusal = [&request](std::uint64_t turn) -> std::optional<errc> {
    if (request.from && *request.from != turn)
      return errc::counter_moved;
    if (request.turn <= turn && !request.force)
      return errc::counter_ahead;
    return std::nullopt;
  };
  // A counter that does not exist is at 0, and must not come to be by a refusal.
  if (!table_.find(*request.id)) {
    if (const auto why = refusal(0))
      return *why;
  }
  counter_table::counter* const counter = table_.find_or_create(*request.id);
  if (!counter)
    return errc::store_full;
  std::uint64_t before = counter->load(std::memory_order_relaxed);
  do {
    if (const auto why = refusal(std::min(before, turn_max)))
      return *why;
  } while (!counter->compare_exchange_weak(before, request.turn, std::memory_order_relaxed));
  admin_answer answer;
  answer.counters.push_back(seen(request.id->text(), request.turn));
  answer.turn_before = std::min(before, turn_max);
  return answer;
}

}  // namespace turnomatic::memory
