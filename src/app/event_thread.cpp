#include "app/event_thread.hpp"

#include <pthread.h>

#include <system_error>

namespace turnomatic::app {

event_thread::event_thread(std::string name, const duties& what, instance& self,
                           http::connection_limits& limits, const http::session_settings& settings)
    : name_{std::move(name)},
      metrics_{self.add_worker(name_)},
      backend_{what.count ? what.count(loop_, metrics_) : nullptr},
      admin_{what.administer ? what.administer(loop_) : nullptr},
      server_{{loop_, backend_.get(), metrics_, self, limits,
               backend_ ? http::audience::callers : http::audience::operators, admin_.get(),
               [&self](const auto& reason) { self.note_accept_pause(reason); }},
              settings} {
  self.watch(server_);
}

event_thread::~event_thread() {
  stop();
  // Before the server: it may still hold exchanges of clients that have gone.
  backend_.reset();
}

void event_thread::listen(listening_sockets sockets) {
  for (listening_socket& socket : sockets)
    server_.listen(socket.fd.release());
}

void event_thread::listen_for(const std::vector<event_thread*>& takers, listening_socket socket) {
  std::vector<http::server*> servers;
  servers.reserve(takers.size());
  for (event_thread* each : takers)
    servers.push_back(&each->server_);
  server_.listen(socket.fd.release(), std::move(servers));
}

void event_thread::start() {
  server_.start();
  try {
    thread_ = std::thread{[this] { loop_.io.run(); }};
  } catch (const std::system_error& error) {
    throw std::system_error{error.code(), "cannot start " + name_};
  }
  ::pthread_setname_np(thread_.native_handle(), name_.c_str());
}

void event_thread::stop() {
  if (!thread_.joinable())
    return;
  boost::asio::post(loop_.io, [this] {
    server_.stop();
    // Not by running out of work: a wait whose completion is already queued cannot be cancelled.
    loop_.io.stop();
  });
  thread_.join();
}

}  // namespace turnomatic::app
