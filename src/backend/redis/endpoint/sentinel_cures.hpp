// What helps where a sentinel did not.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

// Why a sentinel did not help, where neither it nor the connection to it has said so.
inline constexpr std::string_view sentinel_knows_no_such_name = "it does not know this name";
inline constexpr std::string_view sentinel_says_something_else = "its answer is not a Sentinel's";
inline constexpr std::string_view sentinel_is_behind = "it has not heard of the latest failover";
inline constexpr std::string_view sentinel_is_silent = "no answer in time";
inline constexpr std::string_view sentinel_was_not_asked = "there was no time left to ask it";

struct sentinel_cure {
  std::string_view beginning;  ///< of the words that tell why
  std::string_view cure;       ///< for an operator: what helps, a clause
};

/// The first row that fits decides; the last one fits everything. What needs a person most comes
/// first.
[[nodiscard]] std::span<const sentinel_cure> sentinel_cures() noexcept;

/// What helps against all of these, each cure once, in the order of the table.
[[nodiscard]] std::vector<std::string> cures_of(std::span<const std::string> reasons);

}  // namespace turnomatic::redis
