#include "http/server.hpp"

#include "http/operations_handler.hpp"

#include <boost/asio/post.hpp>
#include <unistd.h>

#include <limits>
#include <random>
#include <utility>

namespace turnomatic::http {

/// A session and its place among the limits.
struct server::connection final : session {
  connection(session_context& context, std::unique_ptr<net::byte_stream> stream,
             const net::peer_address& from, const connection_limits::place& place_in,
             std::optional<problem> refusal)
      : session{context, std::move(stream), from, refusal}, place{place_in} {}

  const connection_limits::place place;
};

namespace {

// Sessions whose time may be up, between two looks at the sockets: to end one costs some
// microseconds, and a hundred thousand may be due at once.
constexpr std::size_t sessions_per_sweep = 64;

std::optional<boost::asio::ip::address> address_of(const net::peer_address& peer) {
  if (!peer)
    return std::nullopt;
  return peer->address();
}

// What a connection over a limit is counted as, and what its client is told.
struct limit_reached {
  refusal reason;
  problem answer;
};

std::optional<limit_reached> limit_reached_at(admission kind) {
  switch (kind) {
    case admission::served:
      return std::nullopt;
    case admission::over_total:
      return limit_reached{refusal::connection_limit, problem::too_many_connections};
    case admission::over_per_address:
      return limit_reached{refusal::address_limit, problem::too_many_connections_from_address};
  }
  return std::nullopt;
}

}  // namespace

server::server(const dependencies& with, const session_settings& settings)
    : with_{with},
      context_{with.backend, with.events,    with.operations, *this,
               with.who,     with.loop.time, with.loop.later, std::random_device{}()},
      health_{"health", [this] { return health_now(with_.operations); }},
      tick_timer_{with.loop.io} {
  context_.admin = with.admin;
  if (with.who == audience::operators)
    context_.health = &health_;
  context_.apply(settings);
}

server::~server() {
  stop();
  run_deferred();
}

void server::listen(int fd, std::vector<server*> takers) {
  if (takers.empty())
    takers.push_back(this);
  listeners_.emplace_back(
      with_.loop, fd,
      listener::events{[this, takers = std::move(takers), next = std::size_t{0}](
                           int accepted, const auto& from) mutable {
                         accept(accepted, from, *takers[next]);
                         next = (next + 1) % takers.size();
                       },
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
  with_.loop.time.refresh();
  for (listener& each : listeners_)
    each.finish();
  context_.timers.make_all_due();  // idle sessions have less time from here on
  check_timeouts();
}

void server::stop() {
  for (listener& each : listeners_)
    each.close();
  context_.timers.make_all_due();
  context_.timers.look(std::numeric_limits<std::size_t>::max(), [](timer_entry& each) {
    static_cast<session&>(each).abort(close_reason::drained);
  });
}

// It has its place among the limits before another thread is asked to serve it: a drain that looks
// for the last connection finds it.
void server::accept(int fd, const net::peer_address& from, server& taker) {
  const connection_limits::place place = with_.limits.admit(address_of(from));
  auto stream = std::make_unique<net::socket_stream>(fd, taker.with_.loop.sockets);
  if (&taker == this)
    return serve(std::move(stream), from, place);
  boost::asio::post(taker.with_.loop.io,
                    [&taker, from, stream = std::move(stream), place]() mutable {
                      taker.serve(std::move(stream), from, place);
                    });
}

void server::serve(std::unique_ptr<net::socket_stream> stream, const net::peer_address& from,
                   const connection_limits::place& place) {
  const auto refused = limit_reached_at(place.kind);
  if (refused) {
    tell_of_refusal(refused->reason, from);
    if (!make_room_among_refused()) {
      with_.limits.release(place);
      return;
    }
  }
  net::socket_stream& socket = *stream;
  auto opened =
      std::make_unique<connection>(context_, std::move(stream), from, place,
                                   refused ? std::optional{refused->answer} : std::nullopt);
  context_.events.connection_opened();
  connection& started = *opened.release();  // owned by the context's timers, then by closed_
  if (refused)
    refused_.push_back(&started);
  if (socket.attach(started))
    started.abort(close_reason::error);
}

// The oldest gives way to the next, whatever it is at: a flood of connections over a limit can
// shorten the time in which a probe must ask, but not shut it out.
bool server::make_room_among_refused() {
  const std::size_t max = with_.limits.refused_max();
  for (std::size_t i = 0; refused_.size() >= max && i < refused_.size();) {
    session& oldest = *refused_[i];
    oldest.give_way();
    if (!oldest.closed())
      ++i;  // it still has bytes to send; otherwise it is no longer in the list
  }
  return refused_.size() < max;
}

void server::tell_of_refusal(refusal why, const net::peer_address& from) {
  context_.events.connection_refused(why);
  const incident what =
      why == refusal::address_limit ? incident::address_limit : incident::connection_limit;
  if (context_.events.line_due(what, with_.loop.time.now()))
    context_.events.client_refused(what, net::peer_text(from));
}

void server::session_closed(session& s) noexcept {
  auto& closed = static_cast<connection&>(s);
  if (closed.place.kind != admission::served)
    std::erase(refused_, &closed);
  with_.limits.release(closed.place);
  closed_.push_back(&closed);
  with_.loop.later.add(*this);
}

// Runs with no session on the stack, nor among the events of a round.
void server::run_deferred() {
  for (connection* each : std::exchange(closed_, {}))
    delete each;
}

void server::beat() {
  const time_point now = with_.loop.time.refresh();
  heartbeat_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  context_.writer.set_date(std::chrono::system_clock::now());
  context_.timers.advance(context_.now());
  check_timeouts();
  health_.look();
  // From the last tick and not from now, so that late ones do not add up. Ticks that were missed
  // have been counted; none is made up for.
  tick_timer_.expires_at(context_.ticks.next());
  tick_timer_.async_wait([this](boost::system::error_code error) {
    if (!error)
      beat();
  });
}

void server::check_timeouts() {
  const bool more = context_.timers.look(
      sessions_per_sweep, [](timer_entry& each) { static_cast<session&>(each).check_timeout(); });
  if (more)
    with_.loop.later.add(sweep_);
}

}  // namespace turnomatic::http
