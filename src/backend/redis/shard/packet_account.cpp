#include "backend/redis/shard/packet_account.hpp"

#include "backend/redis/shard/behind_report.hpp"
#include "backend/redis/shard/refusal_table.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <string>

namespace turnomatic::redis {

// ---- filling

bool packet_account::fill(time_point now) {
  do {
    clear();
    parts_.waiting.fill(batches_, packet_limits{}, now);
    for (const batch& each : batches_) {
      high_water_table::place place = nullptr;
      marks_.push_back(parts_.guard.marks.highest(each.id, place));
      places_.push_back(place);
    }
    size_ = batches_.size();
    if (parts_.new_ids != nullptr)
      charge(now);
  } while (size_ == 0 && !batches_.empty());
  return size_ > 0;
}

// Only one under a key may be of an id that the packet has named before: the first one pays.
bool packet_account::is_new(std::size_t index) const {
  const batch& of = batches_[index];
  return places_[index] == nullptr &&
         (of.key.empty() ||
          std::none_of(batches_.begin(), batches_.begin() + static_cast<std::ptrdiff_t>(index),
                       [&of](const batch& earlier) { return earlier.id == of.id; }));
}

// An id that is not known here is charged as a new one when it is sent, and the charge is taken
// back if the answer says that it was none. A batch whose client has used up its share ends here.
void packet_account::charge(time_point now) {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    batch& of = batches_[i];
    const auto refusal = is_new(i) ? parts_.new_ids->charge(of.client, now) : std::nullopt;
    if (!refusal)
      continue;
    --size_;
    if (refusal->by == new_id_limit::scope::client)
      parts_.waiting.fail_client(of, errc::too_many_new_ids, refusal->wait);
    else
      parts_.waiting.fail(of, errc::too_many_new_ids, refusal->wait);
  }
}

void packet_account::uncharge(std::size_t index) {
  if (parts_.new_ids != nullptr && is_new(index))
    parts_.new_ids->give_back(batches_[index].client);
}

// ---- endings

void packet_account::clear() noexcept {
  batches_.clear();
  size_ = 0;
  marks_.clear();
  places_.clear();
}

bool packet_account::end(const take_protocol::verdict& found, duration took, burn_reason late,
                         time_point now) {
  using fate = take_protocol::fate;
  switch (found.packet) {
    case fate::none:
      return false;
    case fate::executed:
      if (found.results->elements.size() == size_) {
        executed(*found.results, took, late);
        return true;
      }
      [[fallthrough]];  // the record was written by somebody else
    case fate::unknown:
      unknown();
      return false;
    case fate::not_executed:
      not_executed(now);
      return false;
    case fate::doubtful:
      doubtful();
      return false;
  }
  return false;
}

// `results` is an array, parallel to the batches that are under way.
void packet_account::executed(const reply& results, duration took, burn_reason late) {
  assert(results.elements.size() == size_);
  std::uint64_t turns = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    if (!batches_[i].under_way())
      continue;
    turns += batches_[i].turns;
    settle(i, read_take_result(*results.elements[next++], batches_[i].turns), late);
  }
  parts_.events.packet_answered(size_, turns, took);
  clear();
}

// It never will be, either. Where the lane's record turns out to be behind later on, that was
// wrong.
void packet_account::not_executed(time_point now) {
  while (!doubts_.empty() && now - doubts_.front().since > doubt_lifetime)
    doubts_.pop_front();
  for (const batch& each : batches_) {
    if (each.under_way())
      doubts_.push_back({now, each.id, each.turns});
  }
  while (doubts_.size() > doubts_max)
    doubts_.pop_front();
  refused();
}

void packet_account::wait_again(bool doubtful) {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    if (!batches_[i].under_way())
      continue;
    uncharge(i);
    parts_.waiting.give_back(batches_[i], doubtful);
  }
  clear();
}

// It may have been executed in a history that was lost.
void packet_account::doubtful() {
  for (const batch& each : batches_) {
    if (each.under_way())
      burn(burn_reason::outcome_unknown, each.turns, each.id, ", sent before the server restarted");
  }
  wait_again(true);
}

void packet_account::unknown() {
  for (batch& each : batches_) {
    if (!each.under_way())
      continue;
    burn(burn_reason::outcome_unknown, each.turns, each.id);
    parts_.waiting.fail(each, errc::outcome_unknown);
  }
  clear();
}

void packet_account::fail(errc why) {
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    if (batches_[i].under_way())
      fail(i, why);
  }
  clear();
}

void packet_account::burn_doubts() {
  for (const doubt& each : doubts_)
    burn(burn_reason::outcome_unknown, each.turns, each.id,
         ", of a packet that was not executed as far as the store remembered");
  doubts_.clear();
}

// ---- batches

void packet_account::settle(std::size_t index, const take_result& result, burn_reason late) {
  using kind = take_result::kind;
  batch& of = batches_[index];
  switch (result.type) {
    case kind::taken:
    case kind::known:
      return hand_out(index, result, late);
    case kind::behind:
      report_behind(parts_.guard, parts_.events, {of.id, result.found, marks_[index], false});
      return fail(index, errc::store_behind);
    case kind::halted:
      report_halted(parts_.guard, parts_.events, of.id, result.found, marks_[index]);
      return fail(index, errc::store_behind);
    case kind::exhausted:
      return fail(index, errc::counter_exhausted);
    case kind::spoilt:
      parts_.events.refused(store_refusal::other,
                            "what the store holds for " + std::string{of.id.text()} +
                                " is no turn; set the counter, by force, to the last one issued");
      return fail(index, errc::unavailable);
    case kind::unwritten:
      return refuse(index, result.error);
    case kind::malformed:
      burn(burn_reason::outcome_unknown, of.turns, of.id);
      parts_.waiting.fail(of, errc::outcome_unknown);
      return;
  }
}

void packet_account::hand_out(std::size_t index, const take_result& result, burn_reason late) {
  batch& of = batches_[index];
  const turn_range range = result.range;
  // Also of a repeat: if the store loses the key and the turns, nobody else may have them.
  parts_.guard.marks.raise(of.id, range.first + range.count - 1, places_[index]);
  if (!range.known) {
    if (result.skipped)
      report_behind(parts_.guard, parts_.events, {of.id, result.found, marks_[index], true});
    else if (!parts_.guard.halted.empty())
      parts_.guard.halted.remove(of.id.text());
  }
  if (range.first > 1 || range.known)
    uncharge(index);
  const std::uint64_t nobodys = parts_.waiting.settle(of, range);
  if (nobodys > 0)
    burn(late, nobodys, of.id);
}

void packet_account::refuse(std::size_t index, std::string_view error) {
  const refusal_row& rule = refusal_of(error);
  parts_.events.refused(rule.kind, error);
  fail(index, rule.error);
}

void packet_account::fail(std::size_t index, errc why) {
  uncharge(index);
  parts_.waiting.fail(batches_[index], why);
}

void packet_account::burn(burn_reason reason, std::uint64_t turns, const counter_id& id,
                          std::string_view why) {
  parts_.events.turns_burned(reason, turns);
  std::string detail{burn_reason_labels[index_of(reason)]};
  detail.append(": ").append(std::to_string(turns)).append(" of ").append(id.text()).append(why);
  parts_.events.happened(store_event::turns_burned, detail);
}

}  // namespace turnomatic::redis
