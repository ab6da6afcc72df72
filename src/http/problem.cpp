#include "http/problem.hpp"

#include <array>
#include <cstddef>

namespace turnomatic::http {
namespace {

constexpr bool not_applied = false;
constexpr bool outcome_unknown = true;
constexpr bool no_retry = false;
constexpr bool retry = true;
constexpr bool keep = false;
constexpr bool close = true;

constexpr std::array<problem_description, problem_count> table{{
    {problem::malformed_request, 400, "malformed-request", "Malformed request",
     "The request breaks a rule of HTTP/1.1 and was not looked at any further.", not_applied,
     no_retry, close},
    {problem::invalid_id, 400, "invalid-id", "Invalid id",
     "An id is one path segment of 1 to 64 characters A-Z a-z 0-9 . _ ~ - after percent-decoding.",
     not_applied, no_retry, keep},
    {problem::invalid_idempotency_key, 400, "invalid-idempotency-key", "Invalid Idempotency-Key",
     "A key is 1 to 128 visible ASCII characters other than quotes, backslash, comma, semicolon.",
     not_applied, no_retry, keep},
    {problem::invalid_parameter, 400, "invalid-parameter", "Invalid parameter",
     "A parameter of the query is missing, unknown, given twice or out of its range.", not_applied,
     no_retry, keep},
    {problem::unauthorized, 401, "unauthorized", "Unauthorized",
     "The request does not carry the token of the administration as its bearer.", not_applied,
     no_retry, keep},
    {problem::cross_origin, 403, "cross-origin", "Cross-origin request",
     "A page of another origin could not read the answer: http.cors_origins does not name it.",
     not_applied, no_retry, keep},
    {problem::prefetch, 403, "prefetch", "Prefetch",
     "A turn is taken when somebody asks for it, not in advance.", not_applied, no_retry, keep},
    {problem::not_found, 404, "not-found", "Not found", "No endpoint has this path.", not_applied,
     no_retry, keep},
    {problem::method_not_allowed, 405, "method-not-allowed", "Method not allowed",
     "The endpoint does not serve this method; the Allow field lists those it serves.", not_applied,
     no_retry, keep},
    {problem::request_timeout, 408, "request-timeout", "Request timeout",
     "The request was not complete in time.", not_applied, no_retry, close},
    {problem::counter_exhausted, 409, "counter-exhausted", "Counter exhausted",
     "The counter has handed out its last turn, 9007199254740991, and stays there.", not_applied,
     no_retry, keep},
    {problem::counter_ahead, 409, "counter-ahead", "Counter ahead",
     "The counter is at this turn already or above it, and was left as it is.", not_applied,
     no_retry, keep},
    {problem::counter_moved, 409, "counter-moved", "Counter moved",
     "The counter is not at the turn that was expected, and was left as it is.", not_applied,
     no_retry, keep},
    {problem::not_supported, 409, "not-supported", "Not supported",
     "Counters in the memory of the process have no such thing.", not_applied, no_retry, keep},
    {problem::body_not_allowed, 413, "body-not-allowed", "Body not allowed",
     "Only a POST may have a body, of up to 1024 bytes, or an empty chunked one; it is ignored.",
     not_applied, no_retry, close},
    {problem::target_too_long, 414, "target-too-long", "Request line too long",
     "The request line is longer than 1024 bytes.", not_applied, no_retry, close},
    {problem::expectation_failed, 417, "expectation-failed", "Expectation failed",
     "The only expectation that this server meets is 100-continue.", not_applied, no_retry, close},
    {problem::too_early, 425, "too-early", "Too early",
     "The request came as early data, which may be a replay; send it again after the handshake.",
     not_applied, no_retry, keep},
    {problem::too_many_new_ids, 429, "too-many-new-ids", "Too many new ids",
     "New ids are being created faster than this instance allows; no turn was taken.", not_applied,
     retry, keep},
    {problem::too_many_connections_from_address, 429, "too-many-connections-from-address",
     "Too many connections from this address",
     "The address has as many connections open as this instance allows one address.", not_applied,
     retry, close},
    {problem::header_too_large, 431, "header-too-large", "Header too large",
     "The header has more bytes than this instance takes, or more than 64 fields.", not_applied,
     no_retry, close},
    {problem::method_not_implemented, 501, "method-not-implemented", "Method not implemented",
     "The method is not known to this server.", not_applied, no_retry, keep},
    {problem::store_unavailable, 503, "store-unavailable", "Store unavailable",
     "The store of the counters cannot be reached; no turn was taken.", not_applied, retry, keep},
    {problem::client_gone, 503, "client-gone", "Client gone",
     "The client closed its half of the connection while the request waited; no turn was taken.",
     not_applied, retry, keep},
    {problem::breaker_open, 503, "breaker-open", "Circuit breaker open",
     "The store of the counters is being spared after failures; no turn was taken.", not_applied,
     retry, keep},
    {problem::deadline_passed, 503, "deadline-passed", "Deadline passed",
     "The turn could not be taken in time; no turn was taken.", not_applied, retry, keep},
    {problem::overloaded, 503, "overloaded", "Overloaded",
     "Too many requests are waiting; no turn was taken.", not_applied, retry, keep},
    {problem::outcome_unknown, 503, "outcome-unknown", "Outcome unknown",
     "The turn may or may not have been taken; the answer of the store was lost.", outcome_unknown,
     retry, keep},
    {problem::store_behind, 503, "store-behind", "Store behind",
     "The store has lost turns that were handed out; counting is halted until an operator acts.",
     not_applied, retry, keep},
    {problem::draining, 503, "draining", "Shutting down",
     "This instance is shutting down; no turn was taken.", not_applied, retry, close},
    {problem::too_many_connections, 503, "too-many-connections", "Too many connections",
     "This instance has as many connections open as it allows.", not_applied, retry, close},
    {problem::too_many_subscribers, 503, "too-many-subscribers", "Too many subscribers",
     "As many clients listen to this stream as the instance allows.", not_applied, retry, close},
    {problem::version_not_supported, 505, "version-not-supported", "HTTP version not supported",
     "This server speaks HTTP/1.1 and HTTP/1.0.", not_applied, no_retry, close},
    {problem::store_full, 507, "store-full", "Store full",
     "The store has no room for what the request would add to it; no turn was taken.", not_applied,
     no_retry, keep},
}};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (index_of(table[i].what) != i)
      return false;
  return true;
}
static_assert(table_is_in_order(), "describe() finds a row by its enumerator");

}  // namespace

std::span<const problem_description, problem_count> problem_table() noexcept {
  return table;
}

const problem_description& describe(problem p) noexcept {
  return table[index_of(p)];
}

problem problem_of(rejection r) noexcept {
  switch (r) {
    case rejection::malformed:
    case rejection::bad_target:
    case rejection::bad_host:
    case rejection::bad_framing:
      return problem::malformed_request;
    case rejection::body_not_allowed:
      return problem::body_not_allowed;
    case rejection::target_too_long:
      return problem::target_too_long;
    case rejection::expectation_unknown:
      return problem::expectation_failed;
    case rejection::header_too_large:
      return problem::header_too_large;
    case rejection::header_timeout:
      return problem::request_timeout;
    case rejection::method_unknown:
      return problem::method_not_implemented;
    case rejection::version_unsupported:
      return problem::version_not_supported;
  }
  return problem::malformed_request;
}

problem problem_of(const boost::system::error_code& error) noexcept {
  if (error.category() != turnomatic_category())
    return problem::outcome_unknown;
  switch (static_cast<errc>(error.value())) {
    case errc::counter_exhausted:
      return problem::counter_exhausted;
    case errc::store_full:
      return problem::store_full;
    case errc::too_many_new_ids:
      return problem::too_many_new_ids;
    case errc::unavailable:
      return problem::store_unavailable;
    case errc::breaker_open:
      return problem::breaker_open;
    case errc::deadline_passed:
      return problem::deadline_passed;
    case errc::overloaded:
      return problem::overloaded;
    case errc::outcome_unknown:
      return problem::outcome_unknown;
    case errc::store_behind:
      return problem::store_behind;
    case errc::draining:
      return problem::draining;
    case errc::counter_ahead:
      return problem::counter_ahead;
    case errc::counter_moved:
      return problem::counter_moved;
    case errc::not_supported:
      return problem::not_supported;
  }
  return problem::outcome_unknown;
}

std::string_view reason_phrase(std::uint16_t status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 425:
      return "Too Early";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

}  // namespace turnomatic::http
