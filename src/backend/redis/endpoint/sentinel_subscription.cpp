#include "backend/redis/endpoint/sentinel_subscription.hpp"

#include <utility>

namespace turnomatic::redis {

sentinel_subscription::sentinel_subscription(net::event_loop& loop, sentinel_resolver& resolver,
                                             const sentinel_watch::settings& config,
                                             credential_source& source,
                                             const net::name_lookup::resolver& lookup,
                                             const dialer::settings& dialing,
                                             std::minstd_rand::result_type seed, listener on_news)
    : loop_{loop},
      resolver_{resolver},
      watch_{config, seed},
      line_{{loop, source, *this, *this, lookup}, dialing},
      timer_{loop.io},
      on_news_{std::move(on_news)} {}

void sentinel_subscription::begin() {
  watch_.begin(loop_.time.now());
  loop_.later.add(*this);
}

void sentinel_subscription::on_open(time_point now) {
  connection_port& port = line_.port();
  watch_.append_greeting(port.output(), port.password(), now);
  port.write();
}

void sentinel_subscription::on_closed(std::string_view /*why*/, time_point now) {
  watch_.closed(now);
}

void sentinel_subscription::on_reply(const reply& answer, time_point now) {
  using kind = sentinel_watch::verdict::kind;
  const auto [type, host, epoch] = watch_.take(answer, now);
  switch (type) {
    case kind::goes_on:
      return;
    case kind::told:
      if (resolver_.hear(sentinel_, host, epoch))
        on_news_(sentinel_, host);
      return;
    case kind::switched:
      if (resolver_.hear_switch(sentinel_, host))
        on_news_(sentinel_, host);
      return;
    case kind::broken:
      line_.port().close();
      return watch_.closed(now);
  }
}

// After each event.
void sentinel_subscription::run_deferred() {
  act(loop_.time.now());
  arm();
}

void sentinel_subscription::act(time_point now) {
  connection_port& port = line_.port();
  switch (watch_.due(now)) {
    case sentinel_watch::action::nothing:
      return;
    case sentinel_watch::action::connect:
      sentinel_ = resolver_.sentinel_at(watch_.attempt());
      watch_.connects();
      return line_.open(sentinel_, sentinel_watch::patience);
    case sentinel_watch::action::ping:
      watch_.append_ping(port.output(), now);
      return port.write();
    case sentinel_watch::action::give_up:
      port.close();
      return watch_.closed(now);
  }
}

// The wait before this one ends with an error, or finds that there is nothing to do.
void sentinel_subscription::arm() {
  timer_.expires_at(watch_.wake_at());
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error)
      return;
    act(loop_.time.refresh());
    arm();
  });
}

}  // namespace turnomatic::redis
