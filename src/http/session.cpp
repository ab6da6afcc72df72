#include "http/session.hpp"

#include "net/client_network.hpp"

#include <boost/asio/error.hpp>

#include <cassert>
#include <utility>

namespace turnomatic::http {
namespace {

// A connection that always has more to say lets the others have a turn after this many
// requests, or after this many reads of what is only thrown away.
constexpr std::size_t requests_per_turn = pipeline_max;
constexpr int reads_per_turn = 4;

}  // namespace

session::session(session_context& context, std::unique_ptr<net::byte_stream> stream,
                 const net::peer_address& peer, std::optional<problem> refusal)
    : context_{context},
      stream_{std::move(stream)},
      peer_{peer},
      client_{peer ? net::network_of(peer->address()) : net::this_host},
      refusal_{refusal} {
  context_.timers.add(*this);
  // One that is refused holds one of few places: it is told soon or not at all.
  if (refusal_ || context_.draining)
    set_timer(timer::idle, idle_timeout());
  else
    set_timer(timer::first, context_.settings.header_timeout);
}

session::~session() = default;

void session::on_ready(net::readiness_event event) {
  if (closed())
    return;
  read_on_ |= event.read_on;
  // While our half is open both can only be closed by a peer that is gone. What it sent before that
  // is not begun: nobody would get the answer.
  if (event.broken || (event.hung_up && state_ != state::lingering))
    return on_peer_gone(event.broken ? close_reason::error : close_reason::by_client);
  if (event.peer_ended && !peer_ended())
    on_peer_ended();
  if (event.writable && !unsent_.empty() && !closed())
    on_writable();
  if (event.hung_up)
    end_if_acknowledged();
  go_on();
}

// Not at once: more answers may follow, and one write is enough for all that came together.
void session::on_settled() noexcept {
  if (!closed())
    context_.later.add(*this);
}

void session::run_deferred() {
  if (closed())
    return;
  collect_answers();
  if (flush())
    go_on();
}

// Takes up what has arrived, as far as there is room for its answers and until it is the
// turn of other sessions.
void session::go_on() {
  assert(context_.batch.size == 0);
  std::size_t budget = requests_per_turn;
  for (int reads = 0; may_go_on(); ++reads) {
    if (budget == 0 || reads == reads_per_turn) {
      context_.later.add(*this);
      break;
    }
    if (parked_)
      take_up({}, budget);
    else if (const intake came = read(budget); came != intake::more && came != intake::parked)
      break;
  }
  if (!closed())
    update_timer();
}

bool session::may_go_on() const noexcept {
  if (state_ == state::lingering || state_ == state::streaming)
    return !end_of_input_;
  return state_ == state::open && unsent_.empty() && depth_ < pipeline_max &&
         (parked_ || !end_of_input_);
}

// Reads once and deals with what that brought: bytes, the end of the input or an error.
session::intake session::read(std::size_t& budget) {
  boost::system::error_code error;
  const std::size_t size = stream_->read_some(context_.input, error);
  if (net::would_block(error))
    return intake::none;
  if (error) {
    if (error == boost::asio::error::eof)
      on_end_of_input();
    else
      on_peer_gone(close_reason::error);
    return intake::drained;
  }
  if (state_ == state::open) {
    arrived_ = arrival();
    take_up({context_.input.data(), size}, budget);
  }
  if (parked_)
    return intake::parked;
  // A short read has emptied the socket, and what comes later announces itself.
  return size == context_.input.size() || read_on_ ? intake::more : intake::drained;
}

// When what has just been read arrived. The kernel is asked only where that may be long ago (a new
// connection may have waited in the backlog), or where it tells a client that waits from one that
// has given up.
time_point session::arrival() noexcept {
  const time_point now = context_.time.now();
  const bool may_be_old = !std::exchange(has_read_, true) || peer_ended() ||
                          now - context_.time.unread_since() > context_.settings.request_deadline;
  return may_be_old ? now - stream_->input_age() : now;
}

// Without on_ready having been called.
session::intake session::look_for_input() {
  context_.time.refresh();
  std::size_t budget = requests_per_turn;
  const intake came = read(budget);
  if (came != intake::none)
    go_on();
  return came;
}

// Serves the requests in what was left of earlier input and in `fresh`, and keeps the rest.
void session::take_up(std::string_view fresh, std::size_t& budget) {
  assert(state_ == state::open && (!parked_ || !carry_.empty()));
  if (!carry_.empty())
    carry_.append(fresh);
  const std::string_view input = carry_.empty() ? fresh : std::string_view{carry_};
  const std::size_t used = serve_requests(input, budget);
  if (state_ != state::open || used == input.size())
    discard_carry();
  else if (carry_.empty())
    carry_.assign(input.substr(used));
  else
    carry_.erase(0, used);
  assert(!parked_ || state_ != state::open || !carry_.empty());
}

void session::discard_carry() {
  std::string{}.swap(carry_);
}

// Returns how much was used. If requests are left for want of room or of budget, the session
// is parked; otherwise what is left is the beginning of one.
std::size_t session::serve_requests(std::string_view input, std::size_t& budget) {
  std::size_t used = 0;
  parked_ = false;
  while (state_ == state::open && used < input.size()) {
    const bool full = depth_ + context_.batch.size >= pipeline_max;
    if (budget == 0 || (full && (!flush() || depth_ >= pipeline_max))) {
      parked_ = true;
      break;
    }
    const auto size = serve_request(input.substr(used));
    if (!size)
      break;
    used += *size;
    --budget;
    if (timer_ == timer::header || timer_ == timer::first)
      timer_ = timer::none;  // the next request has its own time
  }
  flush();
  return used;
}

// An empty line may come before a request (RFC 9112 section 2.2); by itself it is none.
bool session::holds_part_of_a_request() const noexcept {
  return !carry_.empty() && carry_ != "\r" && carry_ != "\r\n";
}

void session::on_end_of_input() {
  end_of_input_ = true;
  if (!peer_ended())
    on_peer_ended();
  if (state_ == state::lingering)
    return end_if_acknowledged();
  if (state_ == state::streaming)
    return abort(close_reason::by_client);
  if (closed())
    return;
  if (holds_part_of_a_request()) {
    arrived_ = context_.time.refresh();
    reject(rejection::malformed, carry_);
    discard_carry();
    flush();
    return;
  }
  state_ = state::finishing;
  linger_if_finished();
}

}  // namespace turnomatic::http
