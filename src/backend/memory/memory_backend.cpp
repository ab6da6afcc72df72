#include "backend/memory/memory_backend.hpp"

#include <algorithm>
#include <cassert>

namespace turnomatic::memory {
namespace {

// Never to below turn_max, where the counter stood exhausted: an operator may have set it there
// again meanwhile, and then it holds the overshoot of others and not this one.
void take_back(counter_table::counter& counter, std::uint64_t count) noexcept {
  std::uint64_t value = counter.load(std::memory_order_relaxed);
  while (value > turn_max &&
         !counter.compare_exchange_weak(value, std::max(turn_max, value - count),
                                        std::memory_order_relaxed)) {
  }
}

// One atomic addition decides, so the counter is linearizable whatever the workers do. Near
// the end the addition may overshoot turn_max; what lies above it is given to nobody and
// taken back, so that the number of refused requests cannot make the counter wrap.
take_operation::result_type take(counter_table::counter& counter, std::uint64_t count) noexcept {
  const std::uint64_t before = counter.fetch_add(count, std::memory_order_relaxed);
  if (before >= turn_max) [[unlikely]] {
    take_back(counter, count);
    return errc::counter_exhausted;
  }
  return turn_range{before + 1, std::min(count, turn_max - before)};
}

}  // namespace

std::optional<take_operation::result_type> memory_backend::start(take_operation& op,
                                                                 time_point now) {
  assert(op.id && op.count >= 1 && op.count <= take_operation::count_max);
  if (op.deadline <= now)
    return errc::deadline_passed;
  if (!op.key.empty()) [[unlikely]]
    return keys_.take(op.id->text(), op.key, now, [&] { return take_turns(op, now); });
  return take_turns(op, now);
}

// What is refused before this leaves no counter behind.
take_operation::result_type memory_backend::take_turns(take_operation& op, time_point now) {
  counter_table::counter* counter = table_.find(*op.id);
  if (!counter) [[unlikely]] {
    const auto created = create(op, now);
    if (!created)
      return created.error();
    counter = *created;
  }
  return take(*counter, op.count);
}

// Two workers that meet the same new id at once may both be charged for it.
result<counter_table::counter*> memory_backend::create(take_operation& op, time_point now) {
  const bool full = table_.size() == table_.capacity();
  if (const auto refusal = new_ids_ && !full ? new_ids_->charge(op.client, now) : std::nullopt) {
    op.retry_in = refusal->wait;
    return errc::too_many_new_ids;
  }
  counter_table::counter* const created = table_.find_or_create(*op.id);
  if (!created)
    return errc::store_full;
  return created;
}

bool memory_backend::cancel(take_operation&) noexcept {
  return false;
}

}  // namespace turnomatic::memory
