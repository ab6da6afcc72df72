#include "core/coalescer.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cassert>

namespace turnomatic {

std::size_t coalescer::hash::operator()(std::string_view text) const noexcept {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

coalescer::coalescer(const settings& limits, std::uint64_t seed)
    : limits_{limits}, ids_{0, hash{seed}} {}

coalescer::~coalescer() = default;

coalescer::entry& coalescer::entry_of(const counter_id& id) {
  if (const auto found = ids_.find(id.text()); found != ids_.end())
    return *found->second;
  entry* e = nullptr;
  if (free_.empty()) {
    e = &all_.emplace_back(id);
    free_.reserve(all_.size());
  } else {
    e = free_.back();
    free_.pop_back();
    e->id = id;
  }
  ids_.emplace(e->id.text(), e);
  return *e;
}

void coalescer::release(entry& e) noexcept {
  ids_.erase(e.id.text());
  free_.push_back(&e);  // there is room for all that were made
}

bool coalescer::enqueue(take_operation& op) {
  if (waiting_ >= limits_.queue_max)
    return false;
  entry& e = entry_of(*op.id);
  if (e.waiting_size >= limits_.queue_max_per_id)
    return false;
  op.under_way = false;
  e.waiting.push_back(op);
  if (e.waiting_size++ == 0 && !e.under_way)
    ready_.push_back(e);
  ++waiting_;
  earliest_ = std::min(earliest_, op.deadline);
  return true;
}

bool coalescer::cancel(take_operation& op) noexcept {
  if (op.under_way || !op.is_linked())
    return false;
  entry& e = *ids_.find(op.id->text())->second;
  e.waiting.erase(e.waiting.iterator_to(op));
  --waiting_;
  if (--e.waiting_size == 0 && !e.under_way) {
    ready_.erase(ready_.iterator_to(e));
    release(e);
  }
  return true;
}

void coalescer::drop_expired(entry& e, time_point now) {
  while (!e.waiting.empty() && e.waiting.front().deadline <= now) {
    take_operation& late = e.waiting.front();
    e.waiting.pop_front();
    --e.waiting_size;
    --waiting_;
    late.complete(errc::deadline_passed);
  }
}

batch* coalescer::next(time_point now) {
  while (!ready_.empty()) {
    entry& e = ready_.front();
    ready_.pop_front();
    e.under_way = true;  // so that whatever is enqueued meanwhile leaves ready_ alone
    drop_expired(e, now);
    e.turns = 0;
    e.once.clear();
    e.client = e.waiting.empty() ? 0 : e.waiting.front().client;
    while (!e.waiting.empty()) {
      take_operation& op = e.waiting.front();
      if (e.turns > 0 && (e.turns + op.count > limits_.batch_max || !op.once.empty()))
        break;
      e.waiting.pop_front();
      --e.waiting_size;
      --waiting_;
      op.under_way = true;
      e.served.push_back(op);
      e.turns += op.count;
      if (!op.once.empty()) {
        e.once = op.once;
        break;
      }
    }
    if (e.turns > 0) {
      e.sequence = 0;
      e.fence = 0;
      e.raisings = 0;
      e.sendings = 0;
      e.place = nullptr;
      return &e;
    }
    end(e);
  }
  return nullptr;
}

// The batch is not under way any more.
void coalescer::end(entry& e) {
  assert(e.served.empty());
  e.under_way = false;
  if (e.waiting.empty())
    release(e);
  else
    ready_.push_back(e);
}

std::uint64_t coalescer::settle(batch& which, turn_range range) {
  auto& e = static_cast<entry&>(which);
  while (!e.served.empty()) {
    take_operation& op = e.served.front();
    e.served.pop_front();
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
  end(e);
  return range.known ? 0 : range.count;
}

void coalescer::fail(batch& which, errc why, duration retry_in) {
  auto& e = static_cast<entry&>(which);
  for (take_operation& op : e.served)
    op.retry_in = retry_in;
  complete_all(e.served, why);
  end(e);
}

void coalescer::fail_client(batch& which, errc why, duration retry_in) {
  auto& e = static_cast<entry&>(which);
  take_list failed;
  for (auto at = e.served.begin(); at != e.served.end();) {
    take_operation& op = *at++;
    if (op.client != which.client)
      continue;
    op.retry_in = retry_in;
    e.served.erase(e.served.iterator_to(op));
    failed.push_back(op);
  }
  give_back(which);
  complete_all(failed, why);
}

void coalescer::give_back(batch& which) {
  auto& e = static_cast<entry&>(which);
  for (take_operation& op : e.served) {
    op.under_way = false;
    ++e.waiting_size;
    ++waiting_;
    earliest_ = std::min(earliest_, op.deadline);
  }
  e.waiting.splice(e.waiting.begin(), e.served);
  end(e);
}

void coalescer::complete_all(take_list& operations, errc why) {
  while (!operations.empty()) {
    take_operation& op = operations.front();
    operations.pop_front();
    op.complete(why);
  }
}

// Moves what is late; returns how many.
std::size_t coalescer::sort_out(take_list& from, time_point now, take_list& late) {
  std::size_t moved = 0;
  for (auto at = from.begin(); at != from.end();) {
    take_operation& op = *at++;
    if (op.deadline > now) {
      earliest_ = std::min(earliest_, op.deadline);
      continue;
    }
    from.erase(from.iterator_to(op));
    op.under_way = true;  // not to be cancelled any more
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
  for (auto at = ids_.begin(); at != ids_.end();) {
    entry& e = *(at++)->second;
    const std::size_t dropped = sort_out(e.waiting, now, late);
    e.waiting_size -= dropped;
    waiting_ -= dropped;
    ended += dropped + sort_out(e.served, now, unknown);
    if (dropped > 0 && e.waiting_size == 0 && !e.under_way) {
      ready_.erase(ready_.iterator_to(e));
      release(e);
    }
  }
  complete_all(late, errc::deadline_passed);
  complete_all(unknown, errc::outcome_unknown);
  return ended;
}

void coalescer::fail_waiting(errc why) {
  if (waiting_ == 0)
    return;
  take_list failed;
  for (auto at = ids_.begin(); at != ids_.end();) {
    entry& e = *(at++)->second;
    for (take_operation& op : e.waiting)
      op.under_way = true;  // not to be cancelled any more
    failed.splice(failed.end(), e.waiting);
    waiting_ -= e.waiting_size;
    e.waiting_size = 0;
    if (!e.under_way) {
      ready_.erase(ready_.iterator_to(e));
      release(e);
    }
  }
  complete_all(failed, why);
}

bool coalescer::wanted(const batch& which) const noexcept {
  return !static_cast<const entry&>(which).served.empty();
}

}  // namespace turnomatic
