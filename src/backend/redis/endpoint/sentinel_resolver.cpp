#include "backend/redis/endpoint/sentinel_resolver.hpp"

#include "backend/redis/endpoint/sentinel_cures.hpp"
#include "backend/redis/wire/sentinel_commands.hpp"
#include "core/joined.hpp"

#include <algorithm>
#include <cassert>

namespace turnomatic::redis {
namespace {

// Of what a sentinel says, when it is told to people.
constexpr std::size_t words_max = 120;

}  // namespace

sentinel_resolver::sentinel_resolver(settings config) : settings_{std::move(config)} {
  assert(!settings_.sentinels.empty());
  for (const redis_host& each : settings_.sentinels)
    order_.push_back({each, true});
}

std::vector<sentinel_resolver::known>::iterator sentinel_resolver::find(const redis_host& host) {
  return std::ranges::find(order_, host, &known::host);
}

std::vector<sentinel_resolver::known>::iterator sentinel_resolver::first_failed() {
  return std::ranges::find(order_, true, &known::failed);
}

// ---- a round

void sentinel_resolver::begin(time_point now, time_point deadline) {
  doubt_witness();
  waiting_.clear();
  for (const known& each : order_)
    waiting_.push_back(each.host);
  std::ranges::reverse(waiting_);
  faults_.clear();
  behind_.reset();
  end_ = deadline - (deadline - now) / static_cast<duration::rep>(waiting_.size() + 1);
}

std::optional<sentinel_resolver::attempt> sentinel_resolver::next(time_point now) {
  if (now >= end_) {
    for (; !waiting_.empty(); waiting_.pop_back())
      faults_.emplace_back(std::move(waiting_.back()), sentinel_was_not_asked);
  }
  if (waiting_.empty())
    return std::nullopt;
  const duration share = (end_ - now) / static_cast<duration::rep>(waiting_.size());
  asked_ = std::move(waiting_.back());
  waiting_.pop_back();
  return attempt{asked_, std::min(now + std::max(share, share_min), end_)};
}

// The question for the primary last: the answer to it ends the round.
void sentinel_resolver::append_questions(std::string& out, std::string_view password) {
  step_ = append_login(out, settings_.user, password) ? step::log_in : step::sentinels;
  append_sentinels_question(out, settings_.primary);
  append_epoch_question(out, settings_.primary);
  append_primary_question(out, settings_.primary);
}

sentinel_resolver::progress sentinel_resolver::take(const reply& answer) {
  switch (step_) {
    case step::log_in:
      if (answer.is_error())
        return fail(answer.text);
      step_ = step::sentinels;
      return progress::goes_on;
    case step::sentinels:
      learn(answer);
      step_ = step::epoch;
      return progress::goes_on;
    case step::epoch:
      epoch_ = read_epoch(answer);
      replicas_ = read_replicas(answer);
      step_ = step::primary;
      return progress::goes_on;
    case step::primary:
      break;
  }
  if (answer.is_error())
    return fail(answer.text);
  if (answer.type == reply::kind::nil)
    return fail(sentinel_knows_no_such_name);
  const auto host = read_primary(answer);
  if (!host)
    return fail(sentinel_says_something_else);
  if (epoch_ && *epoch_ < newest_epoch_) {
    if (!behind_ || behind_->epoch < *epoch_)
      behind_ = {asked_, *host, *epoch_};
    return fail(sentinel_is_behind);
  }
  newest_epoch_ = epoch_.value_or(newest_epoch_);
  find_primary(*host);
  return progress::found;
}

void sentinel_resolver::find_primary(const redis_host& host) {
  found_ = host;
  approved_ = false;
  move_to_front(asked_);
}

// All that know better are away; or somebody has set all sentinels up anew, and epochs begin at 0
// again.
bool sentinel_resolver::settle_for_less() {
  if (!behind_)
    return false;
  asked_ = behind_->sentinel;
  find_primary(behind_->primary);
  return true;
}

void sentinel_resolver::give_up(std::string_view why) {
  (void)fail(why);
}

sentinel_resolver::progress sentinel_resolver::fail(std::string_view why) {
  faults_.emplace_back(asked_, why.substr(0, words_max));
  if (const auto place = find(asked_); place != order_.end()) {
    place->failed = true;
    std::rotate(place, std::next(place), order_.end());
  }
  return progress::no_answer;
}

std::string sentinel_resolver::trouble() const {
  std::vector<std::string> reasons;
  std::vector<std::string> told;
  for (const auto& [sentinel, why] : faults_) {
    reasons.push_back(why);
    told.push_back(to_string(sentinel) + " (" + why + ')');
  }
  return "no sentinel says where it is: " + joined(told, ", ") + "; " +
         joined(cures_of(reasons), "; ");
}

// ---- what is made of it

void sentinel_resolver::approve() noexcept {
  approved_ = true;
  if (refuted_ == found_)
    refuted_.reset();
}

// It may be behind the others, so these are asked first. If it is the primary that is behind, they
// will say so as well.
void sentinel_resolver::doubt_witness() {
  if (std::exchange(approved_, true))
    return;
  refuted_ = found_;
  if (const auto place = find(asked_); place != order_.end() && !place->failed)
    std::rotate(place, std::next(place), first_failed());
}

void sentinel_resolver::move_to_front(const redis_host& host) {
  const auto place = find(host);
  if (place == order_.end())
    return;
  place->failed = false;
  std::rotate(order_.begin(), place, std::next(place));
}

// Where there are too many, one that is of no help gives way.
void sentinel_resolver::learn(const reply& answer) {
  for (redis_host& each : read_sentinels(answer)) {
    if (find(each) != order_.end())
      continue;
    if (std::ranges::count(order_, false, &known::configured) ==
        static_cast<std::ptrdiff_t>(learned_max)) {
      const auto useless =
          std::ranges::find(first_failed(), order_.end(), false, &known::configured);
      if (useless == order_.end())
        return;
      order_.erase(useless);
    }
    order_.insert(first_failed(), {std::move(each), false});
  }
}

const redis_host& sentinel_resolver::sentinel_at(std::size_t index) const {
  return order_[index % order_.size()].host;
}

bool sentinel_resolver::hear(const redis_host& sentinel, const redis_host& host,
                             std::optional<std::uint64_t> epoch) {
  return host != refuted_ && epoch.value_or(newest_epoch_) >= newest_epoch_ &&
         hear_switch(sentinel, host);
}

bool sentinel_resolver::hear_switch(const redis_host& sentinel, const redis_host& host) {
  if (!found_ || host == *found_)
    return false;
  approved_ = true;  // what was found was right until now, and so was who said so
  move_to_front(sentinel);
  return true;
}

}  // namespace turnomatic::redis
