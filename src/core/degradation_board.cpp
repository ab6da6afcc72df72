#include "core/degradation_board.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic {
namespace {

auto find(auto& entries, std::string_view what) {
  return std::ranges::find(entries, what, &degradation::what);
}

}  // namespace

bool degradation_board::raise(std::string_view what, std::string why, std::string action,
                              time_point now) {
  const std::scoped_lock lock{mutex_};
  const auto entry = find(entries_, what);
  if (entry == entries_.end()) {
    entries_.push_back({std::string{what}, std::move(why), std::move(action), now});
    return true;
  }
  entry->why = std::move(why);
  entry->action = std::move(action);
  return false;
}

bool degradation_board::clear(std::string_view what) {
  const std::scoped_lock lock{mutex_};
  const auto entry = find(entries_, what);
  if (entry == entries_.end())
    return false;
  entries_.erase(entry);
  return true;
}

std::vector<degradation> degradation_board::list() const {
  const std::scoped_lock lock{mutex_};
  return entries_;
}

bool degradation_board::contains(std::string_view what) const {
  const std::scoped_lock lock{mutex_};
  return find(entries_, what) != entries_.end();
}

}  // namespace turnomatic
