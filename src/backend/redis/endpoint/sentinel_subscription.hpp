// A subscription with one sentinel or another, which tells when the primary becomes another server.
#pragma once

#include "backend/redis/endpoint/sentinel_line.hpp"
#include "backend/redis/endpoint/sentinel_resolver.hpp"
#include "backend/redis/endpoint/sentinel_watch.hpp"
#include "backend/redis/wire/connection_port.hpp"
#include "backend/redis/wire/credentials.hpp"
#include "net/deferred.hpp"
#include "net/event_loop.hpp"

#include <turnomatic/redis_target.hpp>
#include <turnomatic/turn.hpp>

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <random>
#include <string_view>

namespace turnomatic::redis {

/// Does what a sentinel_watch says. Used by the event loop's thread.
class sentinel_subscription final : private connection_handler, private net::deferred_work {
 public:
  /// The resolver holds it for news that the primary is at `primary`, as `sentinel` says.
  using listener = std::function<void(const redis_host& sentinel, const redis_host& primary)>;

  /// What it refers to must outlive it.
  sentinel_subscription(net::event_loop& loop, sentinel_resolver& resolver,
                        const sentinel_watch::settings& config, credential_source& source,
                        const net::name_lookup::resolver& lookup, const dialer::settings& dialing,
                        std::minstd_rand::result_type seed, listener on_news);

  /// From now on, however often it is called.
  void begin();

 private:
  void on_open(time_point now) override;
  void on_closed(std::string_view why, time_point now) override;
  void on_reply(const reply& answer, time_point now) override;
  void run_deferred() override;

  void act(time_point now);
  void arm();

  net::event_loop& loop_;
  sentinel_resolver& resolver_;
  sentinel_watch watch_;
  sentinel_line line_;
  boost::asio::steady_timer timer_;
  redis_host sentinel_{};  // of the latest connection
  const listener on_news_;
};

}  // namespace turnomatic::redis
