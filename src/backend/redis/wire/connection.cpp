#include "backend/redis/wire/connection.hpp"

#include "backend/redis/wire/tls_stream.hpp"

#include <boost/asio/error.hpp>

#include <string_view>
#include <utility>

namespace turnomatic::redis {

connection::connection(net::event_loop& loop, store_endpoint& endpoint, credential_source& source,
                       const dialer::settings& config, net::deferred_work& owner)
    : loop_{loop}, owner_{owner}, dialer_{loop, endpoint, source, *this, config} {
  endpoint.watch([this](std::string why) { leave(std::move(why)); });
}

connection::~connection() {
  close();
}

// ---- there

void connection::open() {
  close();
  state_ = state::dialing;
  dialer_.start([this](dialer::outcome made) { on_dialed(std::move(made)); });
}

void connection::on_dialed(dialer::outcome made) {
  if (!made)
    return fail(made.error());
  line_ = std::move(*made);
  reader_ = std::make_unique<reply_reader>();
  hung_up_ = false;
  state_ = state::open;
  handler_->on_open(loop_.time.now());
}

// ---- and back

void connection::close() noexcept {
  ++generation_;
  dialer_.cancel();
  line_ = {};
  output_.clear();
  blocked_ = false;
  failure_.clear();
  write_failure_.clear();
  state_ = state::closed;
}

void connection::fail(std::string why) {
  close();
  failure_ = std::move(why);
  loop_.later.add(*this);
}

// The primary is another server: this one may still answer, and what it is told may be lost.
void connection::leave(std::string why) {
  if (state_ != state::closed)
    fail(std::move(why));
}

void connection::run_deferred() {
  if (state_ == state::open && !write_failure_.empty()) {
    hung_up_ = true;  // whatever there is to read is there by now
    read();
    if (state_ == state::open && !write_failure_.empty())
      fail(std::exchange(write_failure_, {}));
  }
  if (state_ == state::closed && !failure_.empty())
    handler_->on_closed(std::exchange(failure_, {}), loop_.time.now());
  loop_.later.add(owner_);
}

void connection::on_ready(net::readiness_event event) {
  switch (state_) {
    case state::dialing:
      dialer_.on_ready(event);
      break;
    case state::open:
      hung_up_ |= event.read_on;
      if (event.writable)
        flush();
      if (state_ == state::open)
        read();
      break;
    case state::closed:
      return;  // an event of a socket that is gone
  }
  loop_.later.add(owner_);
}

void connection::read() {
  const std::uint64_t attempt = generation_;
  for (;;) {
    boost::system::error_code error;
    const std::size_t size = line_.stream->read_some(input_, error);
    if (net::would_block(error))
      return;
    if (error)
      return fail(error == boost::asio::error::eof ? "the server closed the connection"
                                                   : error.message());
    reader_->feed({input_.data(), size});
    const time_point now = loop_.time.refresh();  // an answer that was read late is told apart
    while (const reply* const next = reader_->next()) {
      handler_->on_reply(*next, now);
      if (attempt != generation_)
        return;  // the handler has had enough of this connection
    }
    if (reader_->broken())
      return fail("what the server sent is not RESP");
    if (size < input_.size() && line_.secure == nullptr && !hung_up_)
      return;  // a short read has emptied the socket, and what comes later announces itself
  }
}

void connection::write() {
  if (state_ == state::open && !blocked_)
    flush();
}

// A server that refuses a connection says why and closes it: "ERR max number of clients reached".
// What is sent after that breaks the pipe, and its words wait to be read. The handler may be on
// the stack here.
void connection::fail_to_write(std::string why) {
  blocked_ = true;
  write_failure_ = std::move(why);
  loop_.later.add(*this);
}

void connection::flush() {
  if (line_.secure != nullptr) {
    if (const auto error = line_.secure->flush())
      return fail_to_write(error.message());
  }
  blocked_ = false;
  std::size_t written = 0;
  boost::system::error_code error;
  while (written < output_.size() && !error)
    written += line_.stream->write_some(std::string_view{output_}.substr(written), error);
  if (error && !net::would_block(error))
    return fail_to_write(error.message());
  output_.erase(0, written);
  blocked_ = !output_.empty();
  if (blocked_)
    line_.stream->notify_writable();
}

}  // namespace turnomatic::redis
