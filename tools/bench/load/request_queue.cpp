#include "load/request_queue.hpp"

#include <algorithm>

namespace turnomatic::bench {

moment request_queue::oldest_sent(moment now) const noexcept {
  moment oldest = now;
  for (const request& each : under_way_)
    oldest = std::min(oldest, each.first_sent);
  for (const request& each : waiting_)
    oldest = each.tries > 0 ? std::min(oldest, each.first_sent) : oldest;
  return oldest;
}

request& request_queue::start(moment sent, std::size_t begin) {
  under_way_.push_back(waiting_.front());
  waiting_.pop_front();
  ++in_output_;
  request& started = under_way_.back();
  if (started.tries++ == 0)
    started.first_sent = sent;
  started.last_sent = sent;
  started.begin = begin;
  return started;
}

request request_queue::take_oldest() {
  const request oldest = under_way_.front();
  under_way_.pop_front();
  in_output_ = std::min(in_output_, under_way_.size());
  return oldest;
}

void request_queue::take_back_unsent(std::size_t written) {
  for (; in_output_ > 0 && under_way_.back().begin >= written; --in_output_) {
    --under_way_.back().tries;
    waiting_.push_front(under_way_.back());
    under_way_.pop_back();
  }
}

std::size_t request_queue::drop_never_sent() {
  const std::size_t before = waiting_.size();
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                [](const request& each) { return each.tries == 0; }),
                 waiting_.end());
  return before - waiting_.size();
}

std::optional<request> request_queue::take_sent_before(moment when) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [when](const request& each) {
    return each.tries > 0 && each.first_sent < when;
  });
  if (found == waiting_.end())
    return {};
  const request taken = *found;
  waiting_.erase(found);
  return taken;
}

}  // namespace turnomatic::bench
