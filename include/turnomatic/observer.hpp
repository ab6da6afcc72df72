// What the HTTP layer tells whoever measures it.
#pragma once

#include <turnomatic/turn.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace turnomatic {

// The enumerations below become metric labels. Their sets are closed: nothing that a client
// sends may create a time series (CVE-2022-21698). Each has a label table of its own size,
// so that a new enumerator without a label does not compile.

/// The endpoint that answered; `unknown` for a path that none serves.
enum class route : std::uint8_t {
  turn,
  livez,
  readyz,
  health,
  health_stream,
  degraded,
  metrics,
  admin,
  unknown
};
inline constexpr std::size_t route_count = 9;
inline constexpr std::array<std::string_view, route_count> route_labels{
    "turn",     "livez",   "readyz", "health", "health_stream",
    "degraded", "metrics", "admin",  "unknown"};

enum class method_label : std::uint8_t { get, post, other };
inline constexpr std::size_t method_label_count = 3;
inline constexpr std::array<std::string_view, method_label_count> method_labels{"GET", "POST",
                                                                                "other"};

/// Why the request gate turned a request away before it was routed.
enum class rejection : std::uint8_t {
  malformed,            ///< 400: request line or field syntax, or a control byte in either
  bad_target,           ///< 400: non-ASCII or otherwise unusable request target
  bad_host,             ///< 400: missing, repeated or malformed Host
  bad_framing,          ///< 400: Transfer-Encoding or Content-Length that leaves doubt
  body_not_allowed,     ///< 413: content that is too much, or not with this method
  target_too_long,      ///< 414
  header_too_large,     ///< 431: bytes or number of fields
  header_timeout,       ///< 408: header or body
  method_unknown,       ///< 501
  version_unsupported,  ///< 505
  expectation_unknown   ///< 417
};
inline constexpr std::size_t rejection_count = 11;
inline constexpr std::array<std::string_view, rejection_count> rejection_labels{
    "malformed",        "bad_target",          "bad_host",           "bad_framing",
    "body_not_allowed", "target_too_long",     "header_too_large",   "header_timeout",
    "method_unknown",   "version_unsupported", "expectation_unknown"};

/// How a connection ended.
enum class close_reason : std::uint8_t {
  by_client,      ///< the client closed it in good order
  by_server,      ///< closed after an answer that announced it
  idle_timeout,   ///< no request within the idle timeout, or the header timeout if it is the first
  read_timeout,   ///< a started request was not completed in time
  write_timeout,  ///< the client did not take the answer in time
  evicted,        ///< over a limit and silent: another one took its place
  error,          ///< reset or another socket error
  drained         ///< cut when the drain timeout ended
};
inline constexpr std::size_t close_reason_count = 8;
inline constexpr std::array<std::string_view, close_reason_count> close_reason_labels{
    "by_client",     "by_server", "idle_timeout", "read_timeout",
    "write_timeout", "evicted",   "error",        "drained"};

/// Why no turns are served on a connection.
enum class refusal : std::uint8_t {
  connection_limit,        ///< max_connections reached: 503
  address_limit,           ///< max_connections_per_address reached: 429
  out_of_file_descriptors  ///< accepting paused; the connection waits in the backlog
};
inline constexpr std::size_t refusal_count = 3;
inline constexpr std::array<std::string_view, refusal_count> refusal_labels{
    "connection_limit", "address_limit", "out_of_file_descriptors"};

/// Why a client did not get what it wanted, as far as an operator wants to know who it was. First
/// what the gate rejects, in the order of `rejection`.
enum class incident : std::uint8_t {
  malformed,
  bad_target,
  bad_host,
  bad_framing,
  body_not_allowed,
  target_too_long,
  header_too_large,
  header_timeout,
  method_unknown,
  version_unsupported,
  write_timeout,     ///< it did not take its answers
  connection_limit,  ///< as `refusal`
  address_limit,     ///< likewise
  unauthorized,      ///< 401; a line of the access log
  server_error       ///< 5xx; likewise
};
inline constexpr std::size_t incident_count = 15;
inline constexpr std::array<std::string_view, incident_count> incident_labels{
    "malformed",        "bad_target",          "bad_host",         "bad_framing",
    "body_not_allowed", "target_too_long",     "header_too_large", "header_timeout",
    "method_unknown",   "version_unsupported", "write_timeout",    "connection_limit",
    "address_limit",    "unauthorized",        "server_error"};

/// Why a turn that was taken reached nobody.
enum class burn_reason : std::uint8_t {
  client_gone,      ///< the client was gone before the answer reached it
  deadline,         ///< the store's answer came after the request's deadline
  outcome_unknown,  ///< taken or not: the answer of the store is lost for good (upper bound)
  store_loss,       ///< taken from a store that turned out to have lost its counters
  not_replicated    ///< too few replicas held it by the request's deadline
};
inline constexpr std::size_t burn_reason_count = 5;
inline constexpr std::array<std::string_view, burn_reason_count> burn_reason_labels{
    "client_gone", "deadline", "outcome_unknown", "store_loss", "not_replicated"};

/// The position of an enumerator in the arrays above.
template <class Enum>
[[nodiscard]] constexpr std::size_t index_of(Enum e) noexcept {
  return static_cast<std::size_t>(e);
}

/// For requests that an operator wants to see whatever the sample of the access log.
[[nodiscard]] constexpr std::optional<incident> incident_of_status(std::uint16_t status) noexcept {
  if (status == 401)
    return incident::unauthorized;
  return status >= 500 ? std::optional{incident::server_error} : std::nullopt;
}

/// In place of a status: the client had gone before its answer was handed to the kernel whole.
inline constexpr std::uint16_t status_client_gone = 499;

[[nodiscard]] constexpr incident incident_of(rejection r) noexcept {
  return static_cast<incident>(r);
}

/// One request that has ended. `latency` runs from the arrival of the request's last byte to the
/// hand-over of the answer to the kernel.
struct request_record {
  enum route route;
  method_label method;
  std::uint16_t status;
  duration latency;
};

/// Listens to one worker. Called on that worker's thread only, on the hot path: an
/// implementation neither blocks nor allocates in `request_answered` and `turns_issued`.
class observer {
 public:
  virtual ~observer() = default;

  virtual void request_answered(const request_record& record) noexcept = 0;
  /// Turns whose answers the kernel took.
  virtual void turns_issued(std::uint64_t count) noexcept = 0;
  virtual void turns_burned(burn_reason reason, std::uint64_t count) noexcept = 0;
  /// Turns that were reported as issued and, as the kernel knows by now, reached nobody: burned
  /// instead, by client_gone.
  virtual void turns_undelivered(std::uint64_t count) noexcept = 0;
  /// Requests for a turn whose client was gone before any was taken for them.
  virtual void takes_withdrawn(std::uint64_t count) noexcept = 0;
  virtual void request_rejected(rejection reason) noexcept = 0;
  virtual void connection_opened() noexcept = 0;
  virtual void connection_closed(close_reason reason) noexcept = 0;
  virtual void connection_refused(refusal reason) noexcept = 0;

  /// Whether a line about such an incident is to be written now. There may be very many of them,
  /// and only a few lines: who it was is to be found out only then, and told at once, by
  /// `client_refused` or, of a line of the access log, by `access`.
  [[nodiscard]] virtual bool line_due(incident what, time_point now) noexcept = 0;
  virtual void client_refused(incident what, std::string_view peer) noexcept = 0;
  /// One request of the access log, sampled or an incident, once it has ended. `peer` is the
  /// client's address; `target` is as received, unescaped, and valid only during the call.
  virtual void access(const request_record& record, std::string_view peer,
                      std::string_view target) noexcept = 0;
};

}  // namespace turnomatic
