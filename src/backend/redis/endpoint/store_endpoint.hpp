// Where the primary of a shard is to be found.
#pragma once

#include "net/socket_address.hpp"

#include <turnomatic/turn.hpp>

#include <boost/system/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::redis {

struct primary_location {
  std::vector<net::socket_address> addresses;  ///< one or more, the best first
  std::string server_name;                     ///< that its certificate must bear, under TLS
};

/// Finds a primary for one connection, each time anew: a name may lead elsewhere by now, and a
/// failover moves the primary. Used by the event loop's thread.
class store_endpoint {
 public:
  /// Or why it cannot be found, in words.
  using outcome = boost::system::result<primary_location, std::string>;
  using completion = std::function<void(const outcome&)>;
  /// Gets the reason, a clause for people.
  using departure = std::function<void(std::string why)>;

  virtual ~store_endpoint() = default;

  /// Calls `done` once, possibly before it returns, unless `cancel` or another `resolve` comes
  /// first. The caller limits the time; at `deadline` it wants to be connected.
  virtual void resolve(time_point deadline, completion done) = 0;
  virtual void cancel() noexcept = 0;
  /// The server that was found last is fit to be counted on.
  virtual void approve() noexcept {}
  /// `moved` is called, never within a function of this class, when the primary that was found last
  /// seems to be another by now: a connection to it, or an attempt to make one, is to end.
  virtual void watch(const departure& moved) { (void)moved; }
  /// As many as whoever named the server that was found last knows of, whether they are alive or
  /// not; nothing: nobody has said so.
  [[nodiscard]] virtual std::optional<std::uint32_t> replicas() const { return std::nullopt; }
  /// What is resolved, for people.
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;
};

}  // namespace turnomatic::redis
