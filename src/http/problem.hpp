// The errors that a client can be told, one table.
#pragma once

#include <turnomatic/error.hpp>
#include <turnomatic/observer.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace turnomatic::http {

enum class problem : std::uint8_t {
  malformed_request,
  invalid_id,
  invalid_idempotency_key,
  invalid_parameter,
  unauthorized,
  cross_origin,
  prefetch,
  not_found,
  method_not_allowed,
  request_timeout,
  counter_exhausted,
  counter_ahead,
  counter_moved,
  not_supported,
  body_not_allowed,
  target_too_long,
  expectation_failed,
  too_early,
  too_many_new_ids,
  too_many_connections_from_address,
  header_too_large,
  method_not_implemented,
  store_unavailable,
  client_gone,
  breaker_open,
  deadline_passed,
  overloaded,
  outcome_unknown,
  store_behind,
  draining,
  too_many_connections,
  too_many_subscribers,
  version_not_supported,
  store_full,
};
inline constexpr std::size_t problem_count = 34;

/// What an answer says about a problem (RFC 9457). The `type` is "urn:turnomatic:problem:"
/// and the slug; slug and status are part of the API and never change.
struct problem_description {
  problem what;
  std::uint16_t status;
  std::string_view slug;
  std::string_view title;
  std::string_view detail;
  bool outcome_unknown;  ///< "applied" is "unknown" instead of "no"
  bool retry_after;      ///< the answer carries Retry-After
  bool close;            ///< the connection ends behind the answer
};

[[nodiscard]] std::span<const problem_description, problem_count> problem_table() noexcept;
[[nodiscard]] const problem_description& describe(problem p) noexcept;

[[nodiscard]] problem problem_of(rejection r) noexcept;
/// For the outcome of a counter operation.
[[nodiscard]] problem problem_of(const boost::system::error_code& error) noexcept;

/// The reason phrase of a status that this server sends.
[[nodiscard]] std::string_view reason_phrase(std::uint16_t status) noexcept;

}  // namespace turnomatic::http
