// What a store says when it refuses: what to do about it, and what a person can do.
#pragma once

#include <turnomatic/error.hpp>
#include <turnomatic/store_observer.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace turnomatic::redis {

/// What a shard does when the store refuses a command.
enum class refusal_action : std::uint8_t {
  wait,       ///< certainly not executed, and it may go in a moment: send it again, later
  fail,       ///< certainly not executed, and only an operator can help: the batches fail
  reconnect,  ///< certainly not executed; on a new connection it may be: to the primary, with
              ///< scripts
  unknown,    ///< may have been executed: end the connection and take the lane over
};

struct refusal_row {
  std::string_view beginning;  ///< of the error: a whole code ("OOM"), or a code and words
  store_refusal kind;
  refusal_action action;
  errc error;             ///< of a batch that is known not to have been executed, if it fails
  std::string_view cure;  ///< for an operator: what is wrong and what helps, one sentence
};

/// The first row that fits an error decides.
[[nodiscard]] std::span<const refusal_row> refusal_table() noexcept;

/// An error in a length fit for a log.
[[nodiscard]] constexpr std::string_view refusal_text(std::string_view error) noexcept {
  return error.substr(0, 200);
}

/// The row of an error reply, or of the text of an error that a script has caught. Errors that no
/// row fits have one of their own: other, unknown.
[[nodiscard]] const refusal_row& refusal_of(std::string_view error) noexcept;

/// The error itself, without what a script puts around it. Redis 5 and 6 wrap the error of a
/// command within a script (scripting.c, luaPushError and evalGenericCommand):
///
///     ERR Error running script (call to f_SHA): @user_script:7: @user_script: 7: -OOM command ...
///
/// and only name the place where the script catches it: "@user_script: 7: -OOM command ...". Redis
/// 7 and Valkey leave the code in front and name the place at the end (script_lua.c).
[[nodiscard]] std::string_view without_script(std::string_view error) noexcept;

}  // namespace turnomatic::redis
