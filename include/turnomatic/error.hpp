// What can go wrong with a turn, and what the caller may do about it.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string_view>

namespace turnomatic {

/// Why a counter operation failed. Values are stable only within one build; the stable
/// names are the `type` URIs of docs/api.md.
enum class errc {
  counter_exhausted = 1,  ///< the counter stands at turn_max and stays there
  store_full,             ///< no further ids in memory, or no memory in Redis
  too_many_new_ids,       ///< new ids are being created faster than allowed
  unavailable,            ///< the store cannot be reached; the command never left
  breaker_open,           ///< the circuit breaker refused the call
  deadline_passed,        ///< the deadline passed before the command was sent
  overloaded,             ///< a bounded queue is full
  outcome_unknown,        ///< the command was sent and no answer can be had any more
  store_behind,           ///< the store has lost turns that were issued; counting is halted
  draining,               ///< the instance is shutting down
  counter_ahead,          ///< the counter is at the turn already, or above it
  counter_moved,          ///< the counter is not at the turn that was expected
  not_supported,          ///< this backend has no such thing
};

/// What the caller may do with a failed operation.
enum class error_class {
  retryable,        ///< certainly not applied, and may succeed later
  outcome_unknown,  ///< may or may not have been applied; repeating it could burn turns
  permanent,        ///< certainly not applied, and repeating it changes nothing
};

[[nodiscard]] const boost::system::error_category& turnomatic_category() noexcept;

[[nodiscard]] inline boost::system::error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), turnomatic_category()};
}

/// The class of an error of our category; an error of any other category is
/// `outcome_unknown`, since nothing is known about it.
[[nodiscard]] error_class classify(const boost::system::error_code& error) noexcept;

template <class T>
using result = boost::system::result<T, boost::system::error_code>;

}  // namespace turnomatic

template <>
struct boost::system::is_error_code_enum<turnomatic::errc> : std::true_type {};
