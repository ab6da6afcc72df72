// What is said to a sentinel, and what it answers.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"

#include <turnomatic/redis_target.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// AUTH, if there is anything to log in with. False: nothing was appended.
[[nodiscard]] bool append_login(std::string& out, std::string_view user, std::string_view password);

/// Where is the primary of this name? Spelled as every version of Sentinel knows it.
void append_primary_question(std::string& out, std::string_view primary);
/// A host and a port that may be connected to; nothing: the answer is another, or none.
[[nodiscard]] std::optional<redis_host> read_primary(const reply& answer);

/// Of which failover does the sentinel know? Each one has a higher epoch than those before.
void append_epoch_question(std::string& out, std::string_view primary);
/// Nothing: it does not say, perhaps for want of the right to be asked.
[[nodiscard]] std::optional<std::uint64_t> read_epoch(const reply& answer);
/// Of the same answer: how many replicas the primary has, or had.
[[nodiscard]] std::optional<std::uint32_t> read_replicas(const reply& answer);

/// Which other sentinels watch it?
void append_sentinels_question(std::string& out, std::string_view primary);
/// Without those that are not readable.
[[nodiscard]] std::vector<redis_host> read_sentinels(const reply& answer);

/// The events of primaries that became others. From then on a connection of RESP2 takes no other
/// command but PING.
void append_subscription(std::string& out);
[[nodiscard]] bool is_subscribed(const reply& answer);
void append_ping(std::string& out);
/// Where the primary of this name is now; nothing: `answer` is no such event, or of another
/// primary.
[[nodiscard]] std::optional<redis_host> read_switch(const reply& answer, std::string_view primary);

}  // namespace turnomatic::redis
