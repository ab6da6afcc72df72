// What a session does with one request, from its head to the exchange that answers it.
#include "http/admin_handler.hpp"
#include "http/event_feed.hpp"
#include "http/gzip.hpp"
#include "http/idempotency_key.hpp"
#include "http/operations_handler.hpp"
#include "http/request_target.hpp"
#include "http/session.hpp"

#include <cassert>
#include <utility>

namespace turnomatic::http {
namespace {

// The answer to a HEAD has no content, however early the request was refused (RFC 9110 section
// 9.3.2); then nobody has taken its request line apart.
bool is_head(std::string_view request) noexcept {
  if (request.starts_with("\r\n"))
    request.remove_prefix(2);
  return request.starts_with("HEAD ");
}

}  // namespace

exchange& session::enqueue() {
  assert((first_ == nullptr) == (last_ == nullptr) && (depth_ == 0) == (first_ == nullptr));
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

void session::settle_options(exchange& e) noexcept {
  e.what = exchange::state::no_content;
  e.status = 204;
  e.allow = check_method(e.route, method::options).allow;
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

// Returns how much of `input` the request at its beginning took; nothing if it is not complete.
// Then it has not begun, and is looked at again with more of it. After one that is refused because
// it cannot be read nothing is looked at any more.
std::optional<std::size_t> session::serve_request(std::string_view input) {
  const gate_result gate = inspect_head(input, context_.settings.header_max);
  if (gate.what == gate_result::verdict::incomplete)
    return std::nullopt;
  if (gate.what == gate_result::verdict::rejected) {
    reject(gate.why, input);
    assert(state_ != state::open);
    return 0;
  }
  const std::string_view head = input.substr(gate.head_begin, gate.head_end - gate.head_begin);
  const std::string_view behind = input.substr(gate.head_end);
  const auto body_size = gate.minor_version > '1'
                             ? serve_message(as_http_1_1(head), behind, gate.target)
                             : serve_message(head, behind, gate.target);
  if (!body_size)
    return std::nullopt;
  return gate.head_end + *body_size;
}

// Returns the size of the body, which lies in `behind` with whatever else arrived; nothing if it is
// not complete.
std::optional<std::size_t> session::serve_message(std::string_view head, std::string_view behind,
                                                  std::string_view target) {
  const route_match to = match_route(path_in(target), context_.who);
  // The counter comes into the processor's cache while the request's fields are read. Whether the
  // request will be accepted is not known yet.
  if (to.id)
    context_.backend->expect(*to.id);
  const auto parsed = parse_head(head);
  if (!parsed) {
    reject(parsed.error(), head);
    return 0;
  }
  assert(parsed->target == target);
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
  if (!parsed->from.origin.empty() && to.route == route::turn &&
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

void session::serve(exchange& e, const request_head& request, const route_match& to) {
  // A supervisor that finds no answer to /livez would restart an instance that is merely full.
  if (refusal_ && !is_probe(to.route)) {
    e.route = to.route;  // a turn refused is one that failed because of us
    return settle(e, *refusal_);
  }
  if (request.method == method::unknown) {
    context_.events.request_rejected(rejection::method_unknown);
    return settle(e, problem::method_not_implemented);
  }
  e.route = to.route;
  if (request.method == method::connect || request.target == "*") {
    e.allow = check_method(context_.backend ? route::turn : route::livez, request.method).allow;
    e.frame.connection = connection_field::close;
    return settle(e, problem::method_not_allowed);
  }
  if (to.route == route::unknown)
    return settle(e, problem::not_found);
  if (to.route == route::admin)
    return serve_admin(e, request, to.admin_path);
  if (const method_check check = check_method(to.route, request.method); !check.allowed) {
    e.allow = check.allow;
    return settle(e, problem::method_not_allowed);
  }
  if (to.route == route::turn)
    return serve_turn(e, to.id, request);
  serve_operations(e, request);
}

// OPTIONS is told what GET would be, as far as a status goes: a balancer that asks with it must see
// that the instance is not ready.
void session::serve_operations(exchange& e, const request_head& request) {
  operations_answer answer = answer_operations(e.route, context_.who, context_.operations);
  if (request.method == method::options && answer.status == 200)
    return settle_options(e);
  e.status = answer.status;
  e.content_type = answer.content_type;
  if (e.route == route::health_stream)
    return serve_stream(e);
  e.what = exchange::state::document;
  e.body = std::move(answer.body);
  e.frame.gzip = e.route == route::metrics && accepts_gzip(request.accept_encoding) && gzip(e.body);
}

void session::serve_stream(exchange& e) {
  e.frame.connection = connection_field::close;
  if (!context_.health || !context_.health->has_room())
    return settle(e, problem::too_many_subscribers);
  e.what = exchange::state::stream;
}

void session::serve_turn_options(exchange& e, const request_head& request) {
  settle_options(e);
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
  if (is_abandoned(e)) {
    context_.events.takes_withdrawn(1);
    return settle(e, problem::client_gone);
  }
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
  e.key = e.idempotency_key;
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
