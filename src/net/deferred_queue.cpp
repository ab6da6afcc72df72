#include "net/deferred_queue.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace turnomatic::net {

deferred_queue::deferred_queue(boost::asio::io_context& io, loop_clock& time)
    : io_{io}, time_{time} {}

void deferred_queue::add(deferred_work& work) {
  if (static_cast<deferred_hook&>(work).is_linked())
    return;
  work_.push_back(work);
  if (!in_rounds_)
    post();
}

// What is added as it runs comes after the next look at the sockets: whatever defers itself for
// ever must not hold up the rest.
void deferred_queue::run() {
  decltype(work_) now;
  now.swap(work_);
  for (int i = 0; i < run_max && !now.empty(); ++i) {
    deferred_work& next = now.front();
    now.pop_front();
    next.run_deferred();
  }
  work_.splice(work_.begin(), now);
}

void deferred_queue::end_rounds() {
  in_rounds_ = false;
  post();
}

void deferred_queue::post() {
  if (work_.empty() || std::exchange(posted_, true))
    return;
  boost::asio::post(io_, [this] {
    posted_ = false;
    time_.refresh();
    run();
    post();
  });
}

}  // namespace turnomatic::net
