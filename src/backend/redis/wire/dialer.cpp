#include "backend/redis/wire/dialer.hpp"

#include "backend/redis/wire/tls_stream.hpp"
#include "core/joined.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <span>
#include <utility>

namespace turnomatic::redis {
namespace {

constexpr std::string_view too_late = "no answer in time";

// The words of so many addresses are told.
constexpr std::size_t failures_told = 3;

boost::system::error_code system_error(int number) {
  return {number, boost::system::system_category()};
}

// An idle connection carries the refresh of its lane, so there is always something to acknowledge
// and no need of keep-alive probes, which the kernel of a server that hangs would answer.
void set_options(int fd, duration stall_timeout) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(stall_timeout).count();
  const auto milliseconds = static_cast<unsigned>(limit);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

std::string told(std::span<const std::string> failures) {
  const std::size_t untold = failures.size() - std::min(failures.size(), failures_told);
  const std::string text = joined(failures.first(failures.size() - untold), "; ");
  return untold == 0 ? text : text + "; and " + std::to_string(untold) + " more";
}

}  // namespace

dialer::dialer(net::event_loop& loop, store_endpoint& endpoint, credential_source& source,
               net::ready_handler& handler, const settings& config)
    : loop_{loop},
      endpoint_{endpoint},
      source_{source},
      handler_{handler},
      settings_{config},
      timer_{loop.io} {}

dialer::~dialer() {
  cancel();
}

void dialer::cancel() noexcept {
  done_ = nullptr;
  endpoint_.cancel();
  line_ = {};
  step_ = step::idle;
  until_ = time_point::max();
}

void dialer::finish(outcome made) {
  const completion done = std::exchange(done_, nullptr);
  cancel();
  done(std::move(made));
}

// ---- one step after the other

void dialer::start(completion done) {
  cancel();
  done_ = std::move(done);
  failures_.clear();
  line_.shown = source_.read();
  deadline_ = loop_.time.now() + settings_.connect_timeout;
  step_ = step::looking_up;
  wait_until(deadline_);
  endpoint_.resolve(deadline_,
                    [this](const store_endpoint::outcome& found) { on_resolved(found); });
}

void dialer::on_resolved(const store_endpoint::outcome& found) {
  if (!found)
    return finish(said_of(found.error()));
  server_name_ = found->server_name;
  addresses_.begin(found->addresses, deadline_);
  try_next_address();
}

void dialer::try_next_address() {
  while (const auto next = addresses_.next(loop_.time.now())) {
    step_ = step::connecting;
    const auto error = begin_connect(next->address);
    if (!error)
      return wait_until(next->until);
    failures_.push_back(said_of(error.message()));
  }
  finish(told(failures_));
}

boost::system::error_code dialer::begin_connect(const net::socket_address& where) {
  const int fd = ::socket(where.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return system_error(errno);
  auto socket = std::make_unique<net::socket_stream>(fd, loop_.sockets);
  if (::connect(fd, where.data(), static_cast<socklen_t>(where.size())) != 0 &&
      errno != EINPROGRESS)
    return system_error(errno);
  if (const auto error = socket->attach(handler_))
    return error;
  socket->notify_writable();
  fd_ = fd;
  line_.stream = std::move(socket);
  return {};
}

void dialer::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    return give_up_address(system_error(error).message());
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof peer;
  if (::getpeername(fd_, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0)
    return;  // an event of the socket before this one
  addresses_.connected();
  // Not before: it would limit the attempt as well, which has its share of the time.
  if (addresses_.current().protocol().family() != AF_UNIX)
    set_options(fd_, settings_.stall_timeout);
  if (!line_.shown.tls)
    return finish(std::move(line_));
  auto* const plain = static_cast<net::socket_stream*>(line_.stream.release());
  auto secured = std::make_unique<tls_stream>(
      loop_.io, *line_.shown.tls, std::unique_ptr<net::socket_stream>{plain}, server_name_);
  line_.secure = secured.get();
  line_.stream = std::move(secured);
  step_ = step::shaking_hands;
  shake_hands();
}

void dialer::shake_hands() {
  const auto error = line_.secure->handshake();
  if (net::would_block(error))
    return;
  if (!error)
    return finish(std::move(line_));
  const std::string why = line_.secure->verification_failure();
  give_up_address(error.message() + (why.empty() ? "" : ": ") + why);
}

void dialer::give_up_address(std::string_view why) {
  failures_.push_back(said_of(why));
  line_.stream.reset();
  line_.secure = nullptr;
  try_next_address();
}

void dialer::on_ready(net::readiness_event event) {
  switch (step_) {
    case step::connecting:
      if (event.writable || event.read_on)
        on_connected();
      return;
    case step::shaking_hands:
      if (const auto error = line_.secure->flush())
        return give_up_address(error.message());
      return shake_hands();
    case step::idle:
    case step::looking_up:
      return;  // an event of a socket that is gone
  }
}

// ---- time

// The wait before this one ends with an error, or finds that it is too early.
void dialer::wait_until(time_point when) {
  until_ = when;
  timer_.expires_at(when);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && loop_.time.refresh() >= until_)
      on_time_up();
  });
}

void dialer::on_time_up() {
  switch (step_) {
    case step::looking_up:
      return finish(said_of(too_late));
    case step::connecting:
    case step::shaking_hands:
      return give_up_address(too_late);
    case step::idle:
      return;
  }
}

// "TCP connect to 10.0.0.7:6379: no answer in time".
std::string dialer::said_of(std::string_view why) const {
  std::string text;
  switch (step_) {
    case step::looking_up:
      text = "look-up of " + endpoint_.name();
      break;
    case step::connecting:
      text = (addresses_.current().protocol().family() == AF_UNIX ? "connect to "
                                                                  : "TCP connect to ") +
             net::to_string(addresses_.current());
      break;
    case step::shaking_hands:
      text = "TLS handshake with " + net::to_string(addresses_.current());
      break;
    case step::idle:
      break;
  }
  return text.append(": ").append(why);
}

}  // namespace turnomatic::redis
