#include "app/event_thread.hpp"

#include <pthread.h>

namespace turnomatic::app {

event_thread::event_thread(std::string name, std::unique_ptr<counter_backend> backend,
                           instance& self, http::connection_limits& limits,
                           const http::session_settings& settings)
    : name_{std::move(name)},
      backend_{std::move(backend)},
      server_{{loop_, backend_.get(), self.add_worker(), self, limits,
               backend_ ? http::audience::callers : http::audience::operators,
               [&self](const auto& reason) { self.note_accept_pause(reason); }},
              settings} {
  self.watch(server_);
}

void event_thread::listen(listening_sockets sockets) {
  for (listening_socket& socket : sockets) {
    const auto protocol = socket.where().protocol();
    server_.listen(protocol, socket.release());
  }
}

void event_thread::start() {
  server_.start();
  thread_ = std::thread{[this] { loop_.io.run(); }};
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
