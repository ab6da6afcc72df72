#include "http/server.hpp"

#include "net/socket_stream.hpp"

#include <unistd.h>

#include <memory>
#include <random>
#include <utility>

namespace turnomatic::http {

/// A session and its place among the limits.
struct server::connection final : session {
  connection(session_context& context, std::unique_ptr<net::byte_stream> stream,
             const net::peer_address& from, connection_limits::admission admission_in,
             std::optional<problem> refusal)
      : session{context, std::move(stream), from, refusal}, admission{std::move(admission_in)} {}

  connection_limits::admission admission;
};

namespace {

std::optional<boost::asio::ip::address> address_of(const net::peer_address& peer) {
  if (!peer)
    return std::nullopt;
  return peer->address();
}

std::optional<problem> problem_of_refusal(std::optional<refusal> why) {
  if (!why)
    return std::nullopt;
  return *why == refusal::address_limit ? problem::too_many_connections_from_address
                                        : problem::too_many_connections;
}

}  // namespace

server::server(const dependencies& with, const session_settings& settings)
    : with_{with},
      context_{with.backend, with.events,    with.operations,       *this,
               with.who,     with.loop.time, std::random_device{}()},
      tick_timer_{with.loop.io} {
  context_.admin = with.admin;
  context_.apply(settings);
}

server::~server() {
  stop();
  run_deferred();
}

void server::listen(int fd) {
  listeners_.emplace_back(
      with_.loop, fd,
      listener::events{[this](int accepted, const auto& from) { accept(accepted, from); },
                       [this](const auto& reason) {
                         context_.events.connection_refused(refusal::out_of_file_descriptors);
                         with_.accept_paused(reason);
                       },
                       [this] { with_.accept_paused({}); }});
}

void server::start() {
  for (listener& each : listeners_)
    each.start();
  with_.loop.sockets.start();
  beat();
}

void server::drain() {
  context_.draining = true;
  for (listener& each : listeners_)
    each.finish();
  for (session& each : sessions_)
    each.on_draining();
}

void server::stop() {
  for (listener& each : listeners_)
    each.close();
  while (!sessions_.empty())
    sessions_.front().abort(close_reason::drained);
}

void server::accept(int fd, const net::peer_address& from) {
  connection_limits::admission admission = with_.limits.admit(address_of(from));
  if (admission.why)
    context_.events.connection_refused(*admission.why);
  if (!admission.accepted) {
    ::close(fd);
    return;
  }
  const auto refusal_problem = problem_of_refusal(admission.why);
  auto stream = std::make_unique<net::socket_stream>(fd, with_.loop.sockets);
  net::socket_stream& socket = *stream;
  auto opened = std::make_unique<connection>(context_, std::move(stream), from,
                                             std::move(admission), refusal_problem);
  context_.events.connection_opened();
  sessions_.push_back(*opened);
  connection& started = *opened.release();  // owned by sessions_, then by closed_
  if (socket.attach(started))
    started.abort(close_reason::error);
}

void server::session_closed(session& s) noexcept {
  auto& closed = static_cast<connection&>(s);
  sessions_.erase(sessions_.iterator_to(s));
  with_.limits.release(closed.admission);
  closed_.push_back(&closed);
  with_.loop.sockets.defer(*this);
}

void server::session_defers(session& s) {
  with_.loop.sockets.defer(s);
}

// Runs with no session on the stack, nor among the events of a round.
void server::run_deferred() {
  for (connection* each : std::exchange(closed_, {}))
    delete each;
}

void server::beat() {
  const time_point now = clock::now();
  heartbeat_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  context_.writer.set_date(std::chrono::system_clock::now());
  ++context_.now;

  // A sweep over all sessions four times a second instead of a timer armed per request.
  for (auto each = sessions_.begin(); each != sessions_.end();) {
    session& swept = *each++;  // the check may take it out of the list
    swept.check_timeout();
  }
  tick_timer_.expires_after(tick_length);
  tick_timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      beat();
  });
}

}  // namespace turnomatic::http
