#include "backend/redis/connection.hpp"

#include "backend/redis/tls_stream.hpp"
#include "net/socket_stream.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace turnomatic::redis {
namespace {

std::string text_of_errno() {
  return boost::system::error_code{errno, boost::system::system_category()}.message();
}

}  // namespace

struct connection::address {
  sockaddr_storage where{};
  socklen_t size{0};

  template <class Endpoint>
  explicit address(const Endpoint& from) : size{static_cast<socklen_t>(from.size())} {
    std::copy_n(reinterpret_cast<const char*>(from.data()), from.size(),
                reinterpret_cast<char*>(&where));
  }
  friend bool operator==(const address& a, const address& b) noexcept {
    return a.size == b.size && std::memcmp(&a.where, &b.where, a.size) == 0;
  }
};

connection::connection(net::event_loop& loop, const redis_target& target,
                       boost::asio::ssl::context* tls, const std::string& server_name,
                       net::deferred_work& owner)
    : loop_{loop},
      target_{target},
      tls_{target.tls ? tls : nullptr},
      server_name_{server_name.empty() ? target.host : server_name},
      owner_{owner},
      lookup_{loop.io} {}

connection::~connection() {
  close();
}

// ---- there

void connection::open() {
  close();
  state_ = state::resolving;
  addresses_.clear();
  if (!target_.unix_path.empty()) {
    addresses_.emplace_back(boost::asio::local::stream_protocol::endpoint{target_.unix_path});
    return try_next_address();
  }
  boost::system::error_code error;
  const auto numeric = boost::asio::ip::make_address(target_.host, error);
  if (error)
    return resolve();
  addresses_.emplace_back(boost::asio::ip::tcp::endpoint{numeric, target_.port});
  try_next_address();
}

void connection::resolve() {
  lookup_.start(target_.host, target_.port, [this](const net::name_lookup::outcome& found) {
    if (!found)
      return fail(target_.host + ": " + found.error().message());
    for (const auto& each : *found)
      addresses_.emplace_back(each);
    std::stable_partition(addresses_.begin(), addresses_.end(), [this](const address& each) {
      return !unapproved_ || !(each == *unapproved_);
    });
    std::reverse(addresses_.begin(), addresses_.end());
    try_next_address();
  });
}

void connection::try_next_address() {
  std::string why = "no address";
  while (!addresses_.empty()) {
    const address next = addresses_.back();
    addresses_.pop_back();
    why = begin_connect(next);
    if (why.empty())
      return;
  }
  fail(std::move(why));
}

// Empty, or why not.
std::string connection::begin_connect(const address& where) {
  const int fd = ::socket(where.where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return text_of_errno();
  auto socket = std::make_unique<net::socket_stream>(fd, loop_.sockets);
  if (where.where.ss_family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&where.where), where.size) != 0 &&
      errno != EINPROGRESS)
    return text_of_errno();
  fd_ = fd;
  if (const auto error = socket->attach(*this))
    return error.message();
  socket->notify_writable();
  stream_ = std::move(socket);
  state_ = state::connecting;
  unapproved_ = std::make_unique<address>(where);
  return {};
}

void connection::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof peer;
  if (error == 0 && ::getpeername(fd_, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0)
    return;  // an event of the socket before this one
  if (error != 0) {
    stream_.reset();
    errno = error;
    return addresses_.empty() ? fail(text_of_errno()) : try_next_address();
  }
  addresses_.clear();
  hung_up_ = false;
  reader_ = std::make_unique<reply_reader>();
  if (!tls_) {
    state_ = state::open;
    return lane_->on_open(loop_.time.now());
  }
  auto* const plain = static_cast<net::socket_stream*>(stream_.release());
  auto secured = std::make_unique<tls_stream>(
      loop_.io, *tls_, std::unique_ptr<net::socket_stream>{plain}, server_name_);
  secure_ = secured.get();
  stream_ = std::move(secured);
  state_ = state::handshaking;
  shake_hands();
}

void connection::shake_hands() {
  const auto error = secure_->handshake();
  if (net::would_block(error))
    return;
  if (error) {
    const std::string why = secure_->verification_failure();
    return fail("TLS: " + error.message() + (why.empty() ? "" : ": ") + why);
  }
  state_ = state::open;
  lane_->on_open(loop_.time.now());
}

// ---- and back

void connection::close() noexcept {
  ++generation_;
  lookup_.cancel();
  stream_.reset();
  secure_ = nullptr;
  output_.clear();
  blocked_ = false;
  failure_.clear();
  write_failure_.clear();
  state_ = state::closed;
}

void connection::approve() noexcept {
  unapproved_.reset();
}

void connection::fail(std::string why) {
  close();
  failure_ = std::move(why);
  loop_.later.add(*this);
}

void connection::run_deferred() {
  if (state_ == state::open && !write_failure_.empty()) {
    hung_up_ = true;  // whatever there is to read is there by now
    read();
    if (state_ == state::open && !write_failure_.empty())
      fail(std::exchange(write_failure_, {}));
  }
  if (state_ == state::closed && !failure_.empty())
    lane_->on_closed(std::exchange(failure_, {}), loop_.time.now());
  loop_.later.add(owner_);
}

void connection::on_ready(net::readiness_event event) {
  switch (state_) {
    case state::connecting:
      if (event.writable || event.read_on)
        on_connected();
      break;
    case state::handshaking:
      if (secure_->flush())
        fail("the connection broke");
      else
        shake_hands();
      break;
    case state::open:
      hung_up_ |= event.read_on;
      if (event.writable)
        flush();
      if (state_ == state::open)
        read();
      break;
    case state::closed:
    case state::resolving:
      return;  // an event of a socket that is gone
  }
  loop_.later.add(owner_);
}

void connection::read() {
  const std::uint64_t attempt = generation_;
  for (;;) {
    boost::system::error_code error;
    const std::size_t size = stream_->read_some(input_, error);
    if (net::would_block(error))
      return;
    if (error)
      return fail(error == boost::asio::error::eof ? "the server closed the connection"
                                                   : error.message());
    reader_->feed({input_.data(), size});
    while (const reply* const next = reader_->next()) {
      lane_->on_reply(*next, loop_.time.now());
      if (attempt != generation_)
        return;  // the lane has had enough of this connection
    }
    if (reader_->broken())
      return fail("what the server sent is not RESP");
    if (size < input_.size() && !secure_ && !hung_up_)
      return;  // a short read has emptied the socket, and what comes later announces itself
  }
}

void connection::write() {
  if (state_ == state::open && !blocked_)
    flush();
}

// A server that refuses a connection says why and closes it: "ERR max number of clients reached".
// What is sent after that breaks the pipe, and its words wait to be read. The lane may be on the
// stack here.
void connection::fail_to_write(std::string why) {
  blocked_ = true;
  write_failure_ = std::move(why);
  loop_.later.add(*this);
}

void connection::flush() {
  if (secure_) {
    if (const auto error = secure_->flush())
      return fail_to_write(error.message());
  }
  blocked_ = false;
  std::size_t written = 0;
  boost::system::error_code error;
  while (written < output_.size() && !error)
    written += stream_->write_some(std::string_view{output_}.substr(written), error);
  if (error && !net::would_block(error))
    return fail_to_write(error.message());
  output_.erase(0, written);
  blocked_ = !output_.empty();
  if (blocked_)
    stream_->notify_writable();
}

}  // namespace turnomatic::redis
