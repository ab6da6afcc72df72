#include "backend/redis/shard/resumed_counters.hpp"

#include <utility>

namespace turnomatic::redis {

bool resumed_counters::append_look(std::string& out, const bucket_keys& keys) {
  const std::string last = looked_.empty() ? std::string{} : std::move(looked_.back());
  std::vector<halted_counters::entry> next = guard_.halted.list(looks_max, last);
  if (next.empty() && !last.empty())
    next = guard_.halted.list(looks_max);
  looked_.clear();
  for (halted_counters::entry& each : next)
    looked_.push_back(std::move(each.id));
  if (looked_.empty())
    return false;
  std::vector<std::string_view> words{"HMGET", keys.turns()};
  words.insert(words.end(), looked_.begin(), looked_.end());
  append_command(out, words);
  return true;
}

void resumed_counters::take(const reply& answer) {
  if (answer.elements.size() != looked_.size())
    return;
  for (std::size_t i = 0; i < looked_.size(); ++i) {
    if (!answer.elements[i]->text.starts_with('h'))
      guard_.halted.remove(looked_[i]);
  }
}

}  // namespace turnomatic::redis
