// Asks sentinels where the primary is.
#pragma once

#include "backend/redis/endpoint/sentinel_line.hpp"
#include "backend/redis/endpoint/sentinel_resolver.hpp"
#include "backend/redis/wire/connection_port.hpp"
#include "backend/redis/wire/credentials.hpp"
#include "net/deferred.hpp"
#include "net/event_loop.hpp"

#include <turnomatic/redis_target.hpp>
#include <turnomatic/turn.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace turnomatic::redis {

/// Does what a sentinel_resolver says: connects to one sentinel after the other, each time anew,
/// for a round is made only where a connection to the primary was lost. Used by the event loop's
/// thread.
class sentinel_inquiry final : private connection_handler, private net::deferred_work {
 public:
  /// Or why nobody says where it is.
  using outcome = boost::system::result<redis_host, std::string>;
  using completion = std::function<void(const outcome&)>;

  /// What it refers to must outlive it.
  sentinel_inquiry(net::event_loop& loop, sentinel_resolver& resolver, credential_source& source,
                   const net::name_lookup::resolver& lookup, const dialer::settings& config);

  /// Calls `done` once, possibly before it returns, unless `cancel` or another `start` comes first.
  void start(time_point deadline, completion done);
  void cancel() noexcept;

 private:
  void on_open(time_point now) override;
  void on_closed(std::string_view why, time_point now) override;
  void on_reply(const reply& answer, time_point now) override;
  void run_deferred() override {}

  void ask_next(time_point now);
  void wait_for_answer();
  void finish(const outcome& found);

  net::event_loop& loop_;
  sentinel_resolver& resolver_;
  sentinel_line line_;
  boost::asio::steady_timer timer_;
  time_point due_{time_point::max()};  // the answer of the sentinel that is asked
  completion done_;
};

}  // namespace turnomatic::redis
