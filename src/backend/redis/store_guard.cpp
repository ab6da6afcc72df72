#include "backend/redis/store_guard.hpp"

#include <utility>

namespace turnomatic::redis {

store_guard::store_guard(std::string expected_genesis, std::size_t fenced_ids, std::uint64_t seed)
    : fences{fenced_ids, seed}, genesis_{std::move(expected_genesis)} {}

admission store_guard::arrive(std::string_view genesis, std::string_view epoch) {
  const std::scoped_lock lock{mutex_};
  if (!genesis.empty() && (genesis_.empty() || adopting_)) {
    const bool first = genesis_.empty();
    genesis_ = genesis;
    if (std::exchange(adopting_, false) && !first) {
      epoch_.clear();  // it is another store: raise before anything else
      raising_adopted_ = true;
    } else {
      epoch_ = epoch;
    }
  }
  if (genesis.empty() || genesis != genesis_) {
    if (loss_.exchange(genesis.empty() ? store_loss::emptied : store_loss::exchanged) ==
        store_loss::none)
      losses_.fetch_add(1, std::memory_order_relaxed);
    return admission::halted;
  }
  // A store that is whole again, say because its backup was restored, must be raised as well.
  if (loss_.exchange(store_loss::none) != store_loss::none)
    epoch_.clear();
  if (raising_)
    return admission::wait;
  if (epoch == epoch_) {
    known_.store(true, std::memory_order_release);
    return admission::count;
  }
  raising_ = true;
  epoch_ = epoch;
  if (!std::exchange(unfinished_, true))
    raisings_.fetch_add(1);
  return admission::raise;
}

void store_guard::raised(bool done) {
  const std::scoped_lock lock{mutex_};
  raising_ = false;
  if (done) {
    unfinished_ = false;
    raising_adopted_ = false;
    known_.store(true, std::memory_order_release);
  } else {
    epoch_.clear();  // the next lane to arrive begins again
  }
}

bool store_guard::lose(store_loss how, std::string_view counted_on) {
  const std::scoped_lock lock{mutex_};
  if (counted_on != genesis_)
    return false;
  if (loss_.exchange(how) == store_loss::none)
    losses_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void store_guard::note_trouble(std::string_view why) {
  const std::scoped_lock lock{mutex_};
  trouble_ = why;
}

std::string store_guard::trouble() const {
  const std::scoped_lock lock{mutex_};
  return trouble_;
}

std::string store_guard::genesis() const {
  const std::scoped_lock lock{mutex_};
  return genesis_;
}

void store_guard::adopt() {
  const std::scoped_lock lock{mutex_};
  adopting_ = true;
}

bool store_guard::raising_adopted() const {
  const std::scoped_lock lock{mutex_};
  return raising_adopted_;
}

bool store_guard::may_found() const {
  const std::scoped_lock lock{mutex_};
  return genesis_.empty() || adopting_;
}

void store_guard::note_skipped() {
  const std::scoped_lock lock{mutex_};
  if (!raising_adopted_)
    losses_.fetch_add(1, std::memory_order_relaxed);
}

bool store_guard::note_behind(const lost_counter& which) {
  const std::scoped_lock lock{mutex_};
  if (behind_.contains(which.id))
    return false;
  losses_.fetch_add(1, std::memory_order_relaxed);
  if (behind_.size() < lost_counters_max)
    behind_.emplace(which.id, which);
  behind_size_.store(behind_.size(), std::memory_order_relaxed);
  return true;
}

void store_guard::note_counting_again(std::string_view id) {
  const std::scoped_lock lock{mutex_};
  if (const auto found = behind_.find(id); found != behind_.end())
    behind_.erase(found);
  behind_size_.store(behind_.size(), std::memory_order_relaxed);
}

bool store_guard::is_behind(std::string_view id) const {
  if (!any_behind())
    return false;
  const std::scoped_lock lock{mutex_};
  return behind_.contains(id);
}

std::vector<store_guard::lost_counter> store_guard::behind() const {
  const std::scoped_lock lock{mutex_};
  std::vector<lost_counter> copy;
  copy.reserve(behind_.size());
  for (const auto& [id, which] : behind_)
    copy.push_back(which);
  return copy;
}

}  // namespace turnomatic::redis
