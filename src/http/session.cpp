#include "http/session.hpp"

#include "http/admin_handler.hpp"
#include "http/gzip.hpp"
#include "http/idempotency_key.hpp"
#include "http/operations_handler.hpp"
#include "net/client_network.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace turnomatic::http {
namespace {

// A connection that always has more to say lets the others have a turn after this many
// requests, or after this many reads of what is only thrown away.
constexpr std::size_t requests_per_turn = pipeline_max;
constexpr int reads_per_turn = 4;

// The answer to a HEAD has no content, however early the request was refused (RFC 9110 section
// 9.3.2); then nobody has taken its request line apart.
bool is_head(std::string_view request) noexcept {
  if (request.starts_with("\r\n"))
    request.remove_prefix(2);
  return request.starts_with("HEAD ");
}

}  // namespace

session::session(session_context& context, std::unique_ptr<net::byte_stream> stream,
                 const net::peer_address& peer, std::optional<problem> refusal)
    : context_{context},
      stream_{std::move(stream)},
      peer_{peer},
      client_{peer ? net::network_of(peer->address()) : 0},
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
    context_.owner.session_defers(*this);
}

void session::run_deferred() {
  if (closed())
    return;
  collect_answers();
  if (flush())
    go_on();
}

// ---- input

// Takes up what has arrived, as far as there is room for its answers and until it is the
// turn of other sessions.
void session::go_on() {
  std::size_t budget = requests_per_turn;
  for (int reads = 0; may_go_on(); ++reads) {
    if (budget == 0 || reads == reads_per_turn) {
      context_.owner.session_defers(*this);
      break;
    }
    if (parked_)
      take_input({}, budget);
    else if (!read_input(budget) && !parked_)
      break;
  }
  if (!closed())
    update_timer();
}

bool session::may_go_on() const noexcept {
  if (state_ == state::lingering)
    return !end_of_input_;
  return state_ == state::open && unsent_.empty() && depth_ < pipeline_max &&
         (parked_ || !end_of_input_);
}

// False if there is nothing more to read for now.
bool session::read_input(std::size_t& budget) {
  boost::system::error_code error;
  const std::size_t size = stream_->read_some(context_.input, error);
  return !net::would_block(error) && receive(size, error, budget);
}

// Deals with what a read brought, bytes or an error. False as above.
bool session::receive(std::size_t size, const boost::system::error_code& error,
                      std::size_t& budget) {
  if (error == boost::asio::error::eof) {
    on_end_of_input();
    return false;
  }
  if (error) {
    on_peer_gone(close_reason::error);
    return false;
  }
  if (state_ == state::open) {
    arrived_ = arrival();
    take_input({context_.input.data(), size}, budget);
  }
  // A short read has emptied the socket, and what comes later announces itself.
  return size == context_.input.size() || read_on_;
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

// Without on_ready having been called. False if nothing has arrived.
bool session::read_unannounced_input() {
  context_.time.refresh();
  boost::system::error_code error;
  const std::size_t size = stream_->read_some(context_.input, error);
  if (net::would_block(error))
    return false;
  std::size_t budget = requests_per_turn;
  receive(size, error, budget);
  go_on();
  return true;
}

void session::take_input(std::string_view fresh, std::size_t& budget) {
  if (carry_.empty()) {
    const std::size_t used = consume(fresh, budget);
    if (state_ == state::open)
      carry_.assign(fresh.substr(used));
    return;
  }
  carry_.append(fresh);
  const std::size_t used = consume(carry_, budget);
  carry_.erase(0, used);
  if (carry_.empty() || state_ != state::open)
    discard_carry();
}

void session::discard_carry() {
  std::string{}.swap(carry_);
}

// Returns how much was used. If requests are left for want of room or of budget, the session
// is parked; otherwise what is left is the beginning of one.
std::size_t session::consume(std::string_view input, std::size_t& budget) {
  std::size_t used = 0;
  parked_ = false;
  while (state_ == state::open && used < input.size()) {
    const bool full = depth_ + context_.batch.size >= pipeline_max;
    if (budget == 0 || (full && (!flush() || depth_ >= pipeline_max))) {
      parked_ = true;
      break;
    }
    const gate_result gate = inspect_head(input.substr(used), context_.settings.header_max);
    if (gate.what == gate_result::verdict::incomplete)
      break;
    if (gate.what == gate_result::verdict::rejected) {
      reject(gate.why, input.substr(used));
      break;
    }
    const std::string_view rest = input.substr(used);
    const std::string_view head = rest.substr(gate.head_begin, gate.head_end - gate.head_begin);
    const std::string_view behind = rest.substr(gate.head_end);
    const auto body_size = gate.minor_version > '1' ? handle_head(as_http_1_1(head), behind)
                                                    : handle_head(head, behind);
    if (!body_size)
      break;
    used += gate.head_end + *body_size;
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

// ---- one request

exchange& session::enqueue() {
  exchange& e = context_.exchanges.acquire();
  e.owner = this;
  e.arrived = arrived_;
  e.route = route::unknown;
  e.method = method_label::other;
  e.frame = {};
  if (last_)
    last_->next = &e;
  else
    first_ = &e;
  last_ = &e;
  ++depth_;
  return e;
}

void session::settle(exchange& e, problem p) noexcept {
  e.what = exchange::state::problem;
  e.problem = p;
  e.status = describe(p).status;
  if (describe(p).close)
    e.frame.connection = connection_field::close;
}

void session::reject(rejection why, std::string_view request) {
  interim_ = interim::none;
  context_.events.request_rejected(why);
  tell(incident_of(why));
  exchange& e = enqueue();
  e.frame.head_only = is_head(request);
  settle(e, problem_of(why));
  if (e.frame.connection == connection_field::close)
    state_ = state::finishing;
  collect_answers();
}

void session::destination::on_path(std::string_view path) noexcept {
  match = match_route(path, context.who);
  if (match.route != route::turn)
    return;
  id = counter_id::from_path_segment(match.id_segment);
  if (id)
    context.backend->expect(*id);
}

// Returns the size of the body, which lies in `behind` with whatever else arrived; nothing if it is
// not complete. Then the request has not begun, and is looked at again with more of it.
std::optional<std::size_t> session::handle_head(std::string_view head, std::string_view behind) {
  destination to{context_};
  const auto parsed = parse_head(head, &to);
  if (!parsed) {
    reject(parsed.error(), head);
    return 0;
  }
  const body_result body = inspect_body(parsed->body, behind);
  if (body.what == body_result::verdict::rejected) {
    reject(body.why, head);
    return 0;
  }
  if (body.what == body_result::verdict::incomplete) {
    // A client that sends its body on its own does not wait for us.
    if (parsed->expects_continue && behind.empty() && interim_ == interim::none)
      interim_ = interim::due;
    collect_answers();
    return std::nullopt;
  }
  interim_ = interim::none;

  exchange& e = enqueue();
  e.method = label_of(parsed->method);
  e.frame.head_only = parsed->method == method::head;
  if (!parsed->keep_alive || context_.draining || refusal_) {
    e.frame.connection = connection_field::close;
  } else if (parsed->says_keep_alive) {
    e.frame.connection = connection_field::keep_alive;
  }
  if (context_.sample_access())
    e.access_target = parsed->target;
  if (!parsed->from.origin.empty() && to.match.route == route::turn &&
      context_.allows_origin(parsed->from.origin)) [[unlikely]] {
    e.allowed_origin = parsed->from.origin;
    e.frame.allowed_origin = e.allowed_origin;
  }

  serve(e, *parsed, to);
  if (e.frame.connection == connection_field::close)
    state_ = state::finishing;
  collect_answers();
  return body.size;
}

void session::serve(exchange& e, const request_head& request, const destination& to) {
  // A supervisor that finds no answer to /livez would restart an instance that is merely full.
  if (refusal_ && !is_probe(to.match.route)) {
    e.route = to.match.route;  // a turn refused is one that failed because of us
    return settle(e, *refusal_);
  }
  if (request.method == method::unknown) {
    context_.events.request_rejected(rejection::method_unknown);
    return settle(e, problem::method_not_implemented);
  }
  const route_match& match = to.match;
  e.route = match.route;
  if (request.method == method::connect || request.path == "*") {
    e.allow = check_method(context_.backend ? route::turn : route::livez, request.method).allow;
    e.frame.connection = connection_field::close;
    return settle(e, problem::method_not_allowed);
  }
  if (match.route == route::unknown)
    return settle(e, problem::not_found);
  if (match.route == route::admin)
    return serve_admin(e, request, match.admin_path);
  if (const method_check check = check_method(match.route, request.method); !check.allowed) {
    e.allow = check.allow;
    return settle(e, problem::method_not_allowed);
  }
  if (match.route == route::turn)
    return serve_turn(e, to.id, request);
  serve_operations(e, request);
}

// OPTIONS is told what GET would be, as far as a status goes: a balancer that asks with it must see
// that the instance is not ready.
void session::serve_operations(exchange& e, const request_head& request) {
  operations_answer answer = answer_operations(e.route, context_.who, context_.operations);
  if (request.method == method::options && answer.status == 200) {
    e.what = exchange::state::no_content;
    e.status = 204;
    e.allow = check_method(e.route, request.method).allow;
    return;
  }
  e.what = exchange::state::document;
  e.status = answer.status;
  e.content_type = answer.content_type;
  e.body = std::move(answer.body);
  e.frame.gzip = e.route == route::metrics && accepts_gzip(request.accept_encoding) && gzip(e.body);
}

void session::serve_turn_options(exchange& e, const request_head& request) {
  e.what = exchange::state::no_content;
  e.status = 204;
  e.allow = check_method(route::turn, request.method).allow;
  e.frame.preflight = request.from.has(provenance::preflight);
}

void session::serve_turn(exchange& e, const std::optional<counter_id>& id,
                         const request_head& request) {
  if (request.method == method::options)
    return serve_turn_options(e, request);
  if (request.from.marks != 0) [[unlikely]] {
    if (const auto refused = refuse_turn(request.from, !e.frame.allowed_origin.empty()))
      return settle(e, *refused);
  }
  e.id = id;
  if (!e.id)
    return settle(e, problem::invalid_id);
  if (request.idempotency_key && !take_key(e, request))
    return settle(e, problem::invalid_idempotency_key);
  if (is_abandoned(e))
    return settle(e, problem::client_gone);
  e.client = client_;
  e.deadline = e.arrived + context_.settings.request_deadline;
  if (const auto outcome = context_.backend->start(e, context_.time.now()))
    e.settle(*outcome);
}

bool session::take_key(exchange& e, const request_head& request) {
  const auto key = idempotency_key_of(*request.idempotency_key);
  if (!key || request.idempotency_key_repeated)
    return false;
  e.idempotency_key = *key;
  e.once = e.idempotency_key;
  return true;
}

void session::serve_admin(exchange& e, const request_head& request, std::string_view path) {
  if (!context_.admin || !context_.admin->is_on()) {
    e.route = route::unknown;
    return settle(e, problem::not_found);
  }
  if (const auto refused = context_.admin->start(e, request, path, net::peer_text(peer_))) {
    e.allow = refused->allow;
    settle(e, refused->why);
  }
}

}  // namespace turnomatic::http
