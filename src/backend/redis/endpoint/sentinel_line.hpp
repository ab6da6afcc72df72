// A connection to one sentinel or another.
#pragma once

#include "backend/redis/endpoint/static_endpoint.hpp"
#include "backend/redis/endpoint/store_endpoint.hpp"
#include "backend/redis/wire/connection.hpp"
#include "net/deferred.hpp"
#include "net/event_loop.hpp"
#include "net/name_lookup.hpp"

#include <turnomatic/redis_target.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace turnomatic::redis {

/// To one at a time. Used by the event loop's thread.
class sentinel_line final : private store_endpoint {
 public:
  struct dependencies {
    net::event_loop& loop;
    credential_source& source;
    connection_handler& handler;
    net::deferred_work& owner;  ///< deferred after each event
    net::name_lookup::resolver resolver;
  };

  /// `config` but for the time to connect. What it refers to must outlive it.
  sentinel_line(const dependencies& parts, const dialer::settings& config);
  ~sentinel_line() override = default;
  sentinel_line(const sentinel_line&) = delete;
  sentinel_line& operator=(const sentinel_line&) = delete;

  /// Begins to connect, which may take so long: the handler is told.
  void open(const redis_host& sentinel, duration within);
  [[nodiscard]] connection_port& port() noexcept { return connection_; }

 private:
  // Places are kept, for a resolver that hangs on a name is waited for there.
  static constexpr std::size_t places_max = 40;

  void resolve(time_point deadline, completion done) override;
  void cancel() noexcept override;
  [[nodiscard]] const std::string& name() const noexcept override { return current_->name(); }

  net::event_loop& loop_;
  dialer::settings settings_;
  const net::name_lookup::resolver resolver_;
  std::map<std::string, static_endpoint> places_;
  static_endpoint* current_{nullptr};
  connection connection_;
};

}  // namespace turnomatic::redis
