#include "backend/redis/endpoint/sentinel_endpoint.hpp"

#include <utility>

namespace turnomatic::redis {

sentinel_endpoint::sentinel_endpoint(net::event_loop& loop, const settings& config,
                                     credential_source& sentinels,
                                     std::minstd_rand::result_type seed,
                                     const net::name_lookup::resolver& lookup)
    : loop_{loop},
      name_{config.target.primary},
      server_name_{config.server_name},
      lookup_{lookup},
      resolver_{{config.target.primary, config.target.hosts, config.user}},
      inquiry_{loop, resolver_, sentinels, lookup, {.stall_timeout = config.stall_timeout}},
      subscription_{loop,
                    resolver_,
                    {config.target.primary, config.user},
                    sentinels,
                    lookup,
                    {.stall_timeout = config.stall_timeout},
                    seed,
                    [this](const redis_host& sentinel, const redis_host& primary) {
                      if (moved_)
                        moved_("the sentinel " + to_string(sentinel) + " says that " + name_ +
                               " is at " + to_string(primary) + " now");
                    }} {}

void sentinel_endpoint::resolve(time_point deadline, completion done) {
  cancel();
  done_ = std::move(done);
  inquiry_.start(deadline, [this, deadline](const sentinel_inquiry::outcome& found) {
    if (!found)
      return finish(found.error());
    subscription_.begin();
    locate(*found, deadline);
  });
}

void sentinel_endpoint::cancel() noexcept {
  done_ = nullptr;
  inquiry_.cancel();
  if (place_)
    place_->cancel();
}

void sentinel_endpoint::finish(const outcome& found) {
  std::exchange(done_, nullptr)(found);
}

// Sentinels may name it by a name (announce-hostnames).
void sentinel_endpoint::locate(const redis_host& primary, time_point deadline) {
  if (!place_ || primary_ != primary) {
    primary_ = primary;
    redis_target target;
    target.hosts = {primary};
    place_.emplace(loop_.io, target, server_name_, lookup_);
  }
  place_->resolve(deadline, [this](const outcome& found) {
    if (found)
      return finish(found);
    finish("the sentinel " + to_string(resolver_.witness()) + " names " + to_string(primary_) +
           ", look-up of " + primary_.name + ": " + found.error());
  });
}

}  // namespace turnomatic::redis
