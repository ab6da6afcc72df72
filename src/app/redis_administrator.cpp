#include "app/redis_administrator.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace turnomatic::app {
namespace {

admin_answer::breaker seen(std::uint32_t worker, const breaker_snapshot& breaker) {
  return {.worker = worker,
          .state = breaker.state,
          .mode = breaker.mode,
          .failure_percent = breaker.window.failure_percent(),
          .slow_percent = breaker.window.slow_percent()};
}

}  // namespace

void redis_administrator::perform(const admin_request& request, completion done) {
  switch (request.action) {
    case admin_action::peek:
    case admin_action::list:
    case admin_action::set:
    case admin_action::resume:
      return pass_on(request, std::move(done));
    case admin_action::show_breakers:
    case admin_action::set_breakers:
      return gather_breakers(request, std::move(done));
    case admin_action::adopt:
      break;
  }
  // Adopted beforehand, the next store would be taken for ours whatever it had lost.
  admin_answer answer;
  answer.adopted = guard_.loss() != redis::store_loss::none;
  if (answer.adopted)
    guard_.adopt();
  done(answer);
}

// One that counts, if there is one, or else one that is connected: operators may look at a store
// that is closed.
const redis_lane& redis_administrator::choose_lane() const {
  for (const auto& wanted : {&redis::store_status::counting, &redis::store_status::connected}) {
    const auto found = std::ranges::find_if(lanes_, [wanted](const redis_lane& each) {
      return (each.backend->status().*wanted).load();
    });
    if (found != lanes_.end())
      return *found;
  }
  return lanes_.front();
}

void redis_administrator::pass_on(const admin_request& request, completion done) {
  const redis_lane& lane = choose_lane();
  const auto bring_back = [own = &own_, done = std::move(done)](result<admin_answer> outcome) {
    boost::asio::post(own->io, [done, outcome = std::move(outcome)] { done(outcome); });
  };
  boost::asio::post(lane.loop->io, [backend = lane.backend, request, bring_back] {
    backend->perform(request, bring_back);
  });
}

/// What the workers have answered so far; used on our thread only.
struct redis_administrator::gathering {
  admin_answer answer;
  std::size_t missing;
  completion done;
};

void redis_administrator::gather_breakers(const admin_request& request, completion done) {
  const auto gathered = std::make_shared<gathering>();
  gathered->answer.breakers.resize(lanes_.size());
  gathered->missing = lanes_.size();
  gathered->done = std::move(done);
  for (std::uint32_t worker = 0; worker < lanes_.size(); ++worker) {
    const redis_lane& lane = lanes_[worker];
    boost::asio::post(lane.loop->io,
                      [backend = lane.backend, own = &own_, worker, request, gathered] {
                        if (request.action == admin_action::set_breakers)
                          backend->set_breaker_mode(request.mode);
                        const admin_answer::breaker found = seen(worker, backend->breaker());
                        boost::asio::post(own->io, [gathered, found] {
                          gathered->answer.breakers[found.worker] = found;
                          if (--gathered->missing == 0)
                            gathered->done(gathered->answer);
                        });
                      });
  }
}

}  // namespace turnomatic::app
