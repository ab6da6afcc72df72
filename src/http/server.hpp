// One thread's share of the HTTP server.
#pragma once

#include "http/connection_limits.hpp"
#include "http/event_feed.hpp"
#include "http/listener.hpp"
#include "http/session.hpp"
#include "http/session_context.hpp"
#include "net/deferred.hpp"
#include "net/event_loop.hpp"
#include "net/socket_stream.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace turnomatic::http {

/// The listeners and sessions of one thread. Everything but `heartbeat` belongs to the
/// thread of the event loop.
class server final : private session_owner, private net::deferred_work {
 public:
  struct dependencies {
    net::event_loop& loop;
    counter_backend* backend;  ///< null where no turns are served
    observer& events;
    const operations_source& operations;
    connection_limits& limits;
    audience who;
    admin_handler* admin;  ///< null where /admin/* is not served
    /// Accepting has paused (with the reason) or goes on (with none), on this thread.
    std::function<void(const boost::system::error_code&)> accept_paused;
  };

  /// What it refers to must outlive it.
  server(const dependencies& with, const session_settings& settings);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Takes over `fd`, a listening non-blocking socket. Its connections are served by `takers` in
  /// turn, each on its own thread, or without any by this server. Before any thread starts; the
  /// takers must outlive this server's thread.
  void listen(int fd, std::vector<server*> takers = {});
  /// Throws boost::system::system_error if a listener cannot be watched.
  void start();

  void apply(const session_settings& settings) { context_.apply(settings); }
  /// Takes in what waits in the backlogs and closes the listeners. Every connection ends behind
  /// its next answer, idle ones soon.
  void drain();
  /// Closes the listeners and cuts every connection.
  void stop();

  /// When the event loop last turned, for /livez.
  [[nodiscard]] time_point heartbeat() const noexcept {
    return time_point{duration{heartbeat_.load(std::memory_order_relaxed)}};
  }

 private:
  struct connection;

  /// Takes up those whose time may be up, between the sockets that are ready.
  struct sweep final : net::deferred_work {
    explicit sweep(server& in) noexcept : of{in} {}
    void run_deferred() override { of.check_timeouts(); }
    server& of;
  };

  void session_closed(session& s) noexcept override;

  void accept(int fd, const net::peer_address& from, server& taker);
  void serve(std::unique_ptr<net::socket_stream> stream, const net::peer_address& from,
             const connection_limits::place& place);
  /// False if there is none to be made.
  [[nodiscard]] bool make_room_among_refused();
  void tell_of_refusal(refusal why, const net::peer_address& from);
  void beat();
  void check_timeouts();
  void run_deferred() override;

  dependencies with_;
  session_context context_;
  event_feed health_;  // of an operators' listener
  boost::asio::steady_timer tick_timer_;
  std::list<listener> listeners_;
  sweep sweep_{*this};
  std::vector<connection*> refused_;  // those over a limit, oldest first
  std::vector<connection*> closed_;   // to be destroyed when nothing refers to them any more
  std::atomic<duration::rep> heartbeat_{0};
};

}  // namespace turnomatic::http
