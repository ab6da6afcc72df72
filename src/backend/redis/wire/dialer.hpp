// Makes a connection to a primary, ready for the first command.
#pragma once

#include "backend/redis/endpoint/address_sequence.hpp"
#include "backend/redis/endpoint/store_endpoint.hpp"
#include "backend/redis/wire/credentials.hpp"
#include "net/byte_stream.hpp"
#include "net/event_loop.hpp"
#include "net/socket_stream.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

class tls_stream;

/// Asks the endpoint where the primary is, and tries each address until one takes the connection
/// and, under TLS, completes the handshake. All of it within the connect time-out, or a little more
/// where that leaves an address less than address_sequence::share_min. Used by the event loop's
/// thread.
class dialer {
 public:
  struct settings {
    duration connect_timeout{std::chrono::seconds{1}};
    /// What was sent and is not acknowledged for so long ends the connection (TCP_USER_TIMEOUT):
    /// the peer's host is gone.
    duration stall_timeout{std::chrono::seconds{2}};
  };

  struct line {
    credentials shown;  ///< `stream` refers to them
    std::unique_ptr<net::byte_stream> stream;
    tls_stream* secure{nullptr};  ///< `stream`, if it speaks TLS
  };
  /// Or why there is none: each step that failed, at which address, and why.
  using outcome = boost::system::result<line, std::string>;
  using completion = std::function<void(outcome)>;

  /// `handler` is told of events of the socket, and passes them on to
  /// `on_ready` while the dialer is at work. What it refers to must outlive it.
  dialer(net::event_loop& loop, store_endpoint& endpoint, credential_source& source,
         net::ready_handler& handler, const settings& config);
  ~dialer();
  dialer(const dialer&) = delete;
  dialer& operator=(const dialer&) = delete;

  /// For the next connection.
  void apply(const settings& config) noexcept { settings_ = config; }

  /// Calls `done` once unless `cancel` comes first. Before `start` returns only with a failure.
  void start(completion done);
  void cancel() noexcept;
  void on_ready(net::readiness_event event);
  /// The last connection is to a server that is fit to be counted on.
  void approve() {
    addresses_.approve();
    endpoint_.approve();
  }
  /// The address of the last connection, for people.
  [[nodiscard]] std::string peer() const { return net::to_string(addresses_.current()); }
  /// See store_endpoint.
  [[nodiscard]] std::optional<std::uint32_t> replicas() const { return endpoint_.replicas(); }

 private:
  enum class step : std::uint8_t { idle, looking_up, connecting, shaking_hands };

  void on_resolved(const store_endpoint::outcome& found);
  void try_next_address();
  [[nodiscard]] boost::system::error_code begin_connect(const net::socket_address& where);
  void on_connected();
  void shake_hands();
  void on_time_up();
  void wait_until(time_point when);
  void give_up_address(std::string_view why);
  [[nodiscard]] std::string said_of(std::string_view why) const;
  void finish(outcome made);

  net::event_loop& loop_;
  store_endpoint& endpoint_;
  credential_source& source_;
  net::ready_handler& handler_;
  settings settings_;
  boost::asio::steady_timer timer_;
  time_point until_{time_point::max()};  // of the current step
  step step_{step::idle};
  time_point deadline_;  // of all of them
  address_sequence addresses_;
  std::string server_name_;
  int fd_{-1};
  line line_;  // being made
  std::vector<std::string> failures_;
  completion done_;
};

}  // namespace turnomatic::redis
