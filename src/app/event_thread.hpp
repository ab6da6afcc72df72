// A thread that serves HTTP.
#pragma once

#include "app/instance.hpp"
#include "app/listening_sockets.hpp"
#include "http/admin_handler.hpp"
#include "http/server.hpp"
#include "net/event_loop.hpp"

#include <turnomatic/counter_backend.hpp>

#include <boost/asio/post.hpp>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace turnomatic::app {

/// An event loop with its thread, its share of the server and its access to the counters:
/// everything that one core needs, shared with no other.
class event_thread {
 public:
  /// Makes what counts on this thread; an empty one: it serves operators only.
  using backend_maker = std::function<std::unique_ptr<counter_backend>(net::event_loop& loop,
                                                                       store_observer& events)>;

  /// Makes what serves /admin/* on this thread; an empty one: nothing does.
  using admin_maker = std::function<std::unique_ptr<http::admin_handler>(net::event_loop& loop)>;

  /// What it does besides looking after the probes.
  struct duties {
    backend_maker count;
    admin_maker administer;
  };

  /// `self` and `limits` must outlive it.
  event_thread(std::string name, const duties& what, instance& self,
               http::connection_limits& limits, const http::session_settings& settings);
  ~event_thread();
  event_thread(const event_thread&) = delete;
  event_thread& operator=(const event_thread&) = delete;

  /// Both before any thread starts. `listen`: serves the connections of these sockets by itself;
  /// `listen_for`: accepts them for all of `takers`, which outlive its thread, in turn.
  void listen(listening_sockets sockets);
  void listen_for(const std::vector<event_thread*>& takers, listening_socket socket);
  /// Throws std::system_error that names the thread if there is none to be had.
  void start();

  /// Runs `task(server)` on the thread, soon. From any thread.
  template <class Task>
  void post(Task task) {
    boost::asio::post(loop_.io, [this, task = std::move(task)] { task(server_); });
  }
  /// What /admin/* asks for, soon; of a thread that administers. From any thread.
  void set_admin_token(std::string token) {
    boost::asio::post(loop_.io, [this, token = std::move(token)]() mutable {
      admin_->set_token(std::move(token));
    });
  }
  /// Cuts what is left, ends the thread and waits for it. Idempotent.
  void stop();

 private:
  const std::string name_;
  net::event_loop loop_;
  telemetry::worker_metrics& metrics_;
  std::unique_ptr<counter_backend> backend_;
  std::unique_ptr<http::admin_handler> admin_;
  http::server server_;
  std::thread thread_;
};

}  // namespace turnomatic::app
