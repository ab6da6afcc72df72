#include "backend/redis/store/halted_counters.hpp"

namespace turnomatic::redis {

bool halted_counters::add(const entry& counter) {
  const std::scoped_lock lock{mutex_};
  if (entries_.size() >= capacity || !entries_.emplace(counter.id, counter).second)
    return false;
  size_.store(entries_.size(), std::memory_order_relaxed);
  return true;
}

void halted_counters::remove(std::string_view id) {
  const std::scoped_lock lock{mutex_};
  if (const auto found = entries_.find(id); found != entries_.end())
    entries_.erase(found);
  size_.store(entries_.size(), std::memory_order_relaxed);
}

std::vector<halted_counters::entry> halted_counters::list(std::size_t limit,
                                                          std::string_view id) const {
  const std::scoped_lock lock{mutex_};
  std::vector<entry> copy;
  for (auto at = entries_.upper_bound(id); at != entries_.end() && copy.size() < limit; ++at)
    copy.push_back(at->second);
  return copy;
}

}  // namespace turnomatic::redis
