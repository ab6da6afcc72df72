#include "core/coalescer.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace turnomatic {
namespace {

// In an order in which completions may enqueue and withdraw: each has left before it is told. Who
// may have been served before, by a store that has lost it since, is not told that nothing
// happened.
void complete_all(take_list& operations, errc why, duration retry_in = {}) {
  while (!operations.empty()) {
    take_operation& op = operations.front();
    operations.pop_front();
    op.retry_in = retry_in;
    op.complete(op.doubtful ? errc::outcome_unknown : why);
  }
}

[[maybe_unused]] bool is_consistent(const take_queue& queue) noexcept {
  const bool waits = !queue.waiting.empty() || !queue.given_back.empty();
  const bool ready = static_cast<const boost::intrusive::list_base_hook<>&>(queue).is_linked();
  return waits == (queue.size > 0) && (queue.given_back.empty() || queue.batches > 0) &&
         ready == (waits && queue.batches == 0);
}

}  // namespace

coalescer::coalescer(const settings& limits, std::uint64_t seed)
    : limits_{limits}, key_seed_{~seed}, queues_{seed} {}

coalescer::~coalescer() = default;

// ---- what waits

bool coalescer::enqueue(take_operation& op) {
  assert(op.count > 0 && op.key.size() <= take_operation::key_size_max);
  if (waiting_count_ >= limits_.queue_max)
    return false;
  take_queue& queue = queues_.find_or_create(*op.id);
  if (queue.size >= limits_.queue_max_per_id)
    return false;
  op.under_way = false;
  op.doubtful = false;
  queue.waiting.push_back(op);
  if (queue.size++ == 0 && queue.batches == 0)
    ready_.push_back(queue);
  ++waiting_count_;
  earliest_ = std::min(earliest_, op.deadline);
  assert(is_consistent(queue));
  return true;
}

bool coalescer::cancel(take_operation& op) noexcept {
  if (op.under_way || !op.is_linked())
    return false;
  take_queue& queue = *queues_.find(*op.id);
  // Perhaps it was given back: without a count of its own a list does not mind what leaves it.
  queue.waiting.erase(queue.waiting.iterator_to(op));
  take_out(queue, 1);
  drop_if_empty(queue);
  return true;
}

void coalescer::take_out(take_queue& queue, std::size_t takes) noexcept {
  assert(takes <= queue.size && takes <= waiting_count_);
  queue.size -= static_cast<std::uint32_t>(takes);
  waiting_count_ -= takes;
}

// Something has left the queue, which is ready unless batches are under way.
void coalescer::drop_if_empty(take_queue& queue) noexcept {
  if (queue.size == 0 && queue.batches == 0) {
    ready_.erase(ready_.iterator_to(queue));
    queues_.erase(queue);
    return;
  }
  assert(is_consistent(queue));
}

// ---- what goes

void coalescer::fill(packet& into, const packet_limits& limits, time_point now) {
  assert(into.empty() && limits.batches_max > 0);
  if (ready_.empty())
    return;
  into.reserve(limits);
  filling state{into, limits, now};
  take_queue_list served;  // that have more for this packet, once all others had their turn
  for (;;) {
    const bool first_visit = !ready_.empty();
    take_queue_list& from = first_visit ? ready_ : served;
    if (from.empty())
      break;
    take_queue& queue = from.front();
    from.pop_front();
    if (first_visit)
      queue.unkeyed = nullptr;
    const visit ended = serve(queue, state);
    if (ended == visit::more)
      served.push_back(queue);
    else if (queue.batches == 0 && ended == visit::full)
      ready_.push_front(queue);
    else if (queue.batches == 0)
      queues_.erase(queue);  // all were late
    if (ended == visit::full)
      break;
  }
  served.clear();
  into.append_keyed();
  if (!into.empty())
    packets_.push_back(into);
  assert(into.size() <= limits.batches_max);
  assert(into.bytes_ <= limits.bytes_max || into.size() == 1);
  complete_all(state.late, errc::deadline_passed);
}

// Adds one batch at most.
coalescer::visit coalescer::serve(take_queue& queue, filling& state) {
  bool served = false;
  while (!queue.waiting.empty()) {
    take_operation& op = queue.waiting.front();
    if (op.deadline <= state.now) {
      queue.waiting.pop_front();
      take_out(queue, 1);
      op.under_way = true;  // not to be withdrawn any more
      state.late.push_back(op);
      continue;
    }
    if (op.key.empty() && queue.unkeyed != nullptr) {
      if (!share(queue, state))
        return visit::finished;
      continue;
    }
    if (served)
      return visit::more;
    if (!state.into.has_room_for(op, state.limits))
      return visit::full;
    if (!op.key.empty()) {
      if (!set_aside(queue, state.into))
        return visit::finished;
    } else {
      queue.unkeyed = &state.into.append(queue, op);
    }
    state.into.count_batch(queue, op);
    served = true;
  }
  return visit::finished;
}

// Moves what may join the batch without a key, up to the next take that is late or has one. False:
// nothing may.
bool coalescer::share(take_queue& queue, filling& state) {
  batch& open = *queue.unkeyed;
  std::uint64_t turns = open.turns;
  std::size_t takes = 0;
  auto at = queue.waiting.begin();
  for (; at != queue.waiting.end(); ++at) {
    if (!at->key.empty() || at->deadline <= state.now)
      break;
    if (turns > 0 && turns + at->count > limits_.batch_max)
      break;
    at->under_way = true;
    turns += at->count;
    ++takes;
  }
  open.takes_.splice(open.takes_.end(), queue.waiting, queue.waiting.begin(), at);
  open.turns = turns;
  take_out(queue, takes);
  return takes > 0;
}

// Takes the first take out, which has a key; its batch is made later. False: one under the same key
// is in the packet.
bool coalescer::set_aside(take_queue& queue, packet& into) {
  take_operation& op = queue.waiting.front();
  const std::uint64_t seed = key_seed_ + reinterpret_cast<std::uintptr_t>(&queue);
  if (!into.remember_key(XXH3_64bits_withSeed(op.key.data(), op.key.size(), seed)))
    return false;
  queue.waiting.pop_front();
  take_out(queue, 1);
  op.under_way = true;
  into.keyed_.push_back({&op, &queue});
  return true;
}

// ---- what came of it

std::uint64_t coalescer::settle(batch& executed, turn_range range) {
  assert(executed.under_way());
  while (!executed.takes_.empty()) {
    take_operation& op = executed.takes_.front();
    executed.takes_.pop_front();
    if (range.count == 0) {
      op.complete(errc::counter_exhausted);
      continue;
    }
    const turn_range share{range.first, std::min<std::uint64_t>(op.count, range.count),
                           range.known};
    range.first += share.count;
    range.count -= share.count;
    op.complete(share);
  }
  end(executed);
  return range.known ? 0 : range.count;
}

void coalescer::fail(batch& failed, errc why, duration retry_in) {
  assert(failed.under_way());
  complete_all(failed.takes_, why, retry_in);
  end(failed);
}

void coalescer::fail_client(batch& failed, errc why, duration retry_in) {
  assert(failed.under_way());
  take_list of_client;
  for (auto at = failed.takes_.begin(); at != failed.takes_.end();) {
    take_operation& op = *at++;
    if (op.client != failed.client)
      continue;
    failed.takes_.erase(failed.takes_.iterator_to(op));
    of_client.push_back(op);
  }
  give_back(failed);
  complete_all(of_client, why, retry_in);
}

void coalescer::give_back(batch& unexecuted, bool doubtful) {
  assert(unexecuted.under_way());
  take_queue& queue = *unexecuted.queue_;
  for (take_operation& op : unexecuted.takes_) {
    op.under_way = false;
    op.doubtful |= doubtful;
    ++queue.size;
    ++waiting_count_;
  }
  queue.given_back.splice(queue.given_back.end(), unexecuted.takes_);
  end(unexecuted);
}

void coalescer::end(batch& ended) {
  assert(ended.takes_.empty());
  take_queue& queue = *std::exchange(ended.queue_, nullptr);
  assert(queue.batches > 0);
  if (--queue.batches > 0)
    return;
  queue.waiting.splice(queue.waiting.begin(), queue.given_back);
  if (queue.size == 0)
    return queues_.erase(queue);
  ready_.push_back(queue);
  assert(is_consistent(queue));
}

// ---- what takes too long

// Moves what is late; returns how many takes that are.
std::size_t coalescer::sort_out(take_list& from, time_point now, take_list& late) {
  std::size_t moved = 0;
  for (auto at = from.begin(); at != from.end();) {
    take_operation& op = *at++;
    if (op.deadline > now) {
      earliest_ = std::min(earliest_, op.deadline);
      continue;
    }
    from.erase(from.iterator_to(op));
    op.under_way = true;  // not to be withdrawn any more
    late.push_back(op);
    ++moved;
  }
  return moved;
}

std::size_t coalescer::expire(time_point now) {
  if (now < earliest_)
    return 0;
  std::size_t ended = 0;
  earliest_ = time_point::max();
  take_list late;
  take_list unknown;
  queues_.for_each([&](take_queue& queue) {
    const std::size_t dropped =
        sort_out(queue.given_back, now, late) + sort_out(queue.waiting, now, late);
    if (dropped == 0)
      return;
    ended += dropped;
    take_out(queue, dropped);
    drop_if_empty(queue);
  });
  for (packet& each : packets_) {
    for (batch& of_it : each)
      ended += sort_out(of_it.takes_, now, unknown);
  }
  complete_all(late, errc::deadline_passed);
  complete_all(unknown, errc::outcome_unknown);
  return ended;
}

void coalescer::fail_waiting(errc why) {
  if (waiting_count_ == 0)
    return;
  take_list failed;
  queues_.for_each([&](take_queue& queue) {
    if (queue.size == 0)
      return;
    for (take_list* const from : {&queue.given_back, &queue.waiting}) {
      for (take_operation& op : *from)
        op.under_way = true;  // not to be withdrawn any more
      failed.splice(failed.end(), *from);
    }
    take_out(queue, queue.size);
    drop_if_empty(queue);
  });
  assert(waiting_count_ == 0 && ready_.empty());
  complete_all(failed, why);
}

}  // namespace turnomatic
