// The servers' own account of turns that were taken and reached nobody.
#pragma once

#include "load/target.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace turnomatic::bench {

/// The sum of all series of turnomatic_turns_burned_total in a Prometheus text, or nothing if it
/// has none.
[[nodiscard]] std::optional<std::uint64_t> burned_turns_in(std::string_view exposition);

/// Burned turns by server, in the order of `operators`: their operations listeners. Blocks, for
/// at most `patience` each.
[[nodiscard]] boost::system::result<std::vector<std::uint64_t>, complaint> read_accounts(
    const std::vector<target>& operators, std::chrono::milliseconds patience);

/// Two of them that are one: the burned turns of that server would count twice, and explain gaps
/// that nothing does. Nothing if they are apart. Needs their addresses.
[[nodiscard]] std::optional<complaint> named_twice(const std::vector<target>& operators);

/// How many turns were burned between two readings. A server that counts less than before has
/// started again; what it burned until then is not known.
[[nodiscard]] std::uint64_t burned_between(const std::vector<std::uint64_t>& before,
                                           const std::vector<std::uint64_t>& after);

}  // namespace turnomatic::bench
