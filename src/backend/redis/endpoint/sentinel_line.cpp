#include "backend/redis/endpoint/sentinel_line.hpp"

#include <utility>

namespace turnomatic::redis {

sentinel_line::sentinel_line(const dependencies& parts, const dialer::settings& config)
    : loop_{parts.loop},
      settings_{config},
      resolver_{parts.resolver},
      connection_{parts.loop, *this, parts.source, config, parts.owner} {
  connection_.serve(parts.handler);
}

void sentinel_line::open(const redis_host& sentinel, duration within) {
  connection_.close();
  if (places_.size() >= places_max)
    places_.clear();
  redis_target target;
  target.hosts = {sentinel};
  current_ =
      &places_.try_emplace(to_string(sentinel), loop_.io, target, "", resolver_).first->second;
  settings_.connect_timeout = within;
  connection_.apply(settings_);
  connection_.open();
}

void sentinel_line::resolve(time_point deadline, completion done) {
  current_->resolve(deadline, std::move(done));
}

void sentinel_line::cancel() noexcept {
  if (current_ != nullptr)
    current_->cancel();
}

}  // namespace turnomatic::redis
