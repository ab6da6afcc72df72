// What everything that runs on one thread shares.
#pragma once

#include "net/deferred_queue.hpp"
#include "net/loop_clock.hpp"
#include "net/poller.hpp"

#include <boost/asio/io_context.hpp>

namespace turnomatic::net {

/// Belongs to the thread that runs `io`; others may post to it, and nothing else.
struct event_loop {
  event_loop() = default;
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  // Others post to it, so only the reactor goes without locks.
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  loop_clock time;
  deferred_queue later{io, time};
  poller sockets{io, time, later};
};

}  // namespace turnomatic::net
