#include "backend/redis/endpoint/address_sequence.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace turnomatic::redis {

void address_sequence::begin(std::vector<net::socket_address> addresses, time_point deadline) {
  deadline_ = deadline;
  current_.reset();
  std::erase_if(unfit_, [&](const auto& each) {
    return std::ranges::find(addresses, each) == addresses.end();
  });
  const auto rank = [this](const net::socket_address& of) {
    const auto found = std::ranges::find(unfit_, of);
    if (found != unfit_.end())
      return 2 + std::distance(unfit_.begin(), found);
    return approved_ == of ? std::ptrdiff_t{0} : std::ptrdiff_t{1};
  };
  std::ranges::stable_sort(addresses, {}, rank);
  std::ranges::reverse(addresses);
  waiting_ = std::move(addresses);
}

std::optional<address_sequence::attempt> address_sequence::next(time_point now) {
  if (waiting_.empty())
    return std::nullopt;
  const duration share = (deadline_ - now) / static_cast<duration::rep>(waiting_.size());
  current_ = std::move(waiting_.back());
  waiting_.pop_back();
  return attempt{*current_, now + std::max(share, share_min)};
}

void address_sequence::connected() {
  if (!current_)
    return;
  std::erase(unfit_, *current_);
  unfit_.push_back(*current_);
}

void address_sequence::approve() {
  if (!current_)
    return;
  std::erase(unfit_, *current_);
  approved_ = current_;
}

}  // namespace turnomatic::redis
