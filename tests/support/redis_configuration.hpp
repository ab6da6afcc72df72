// What an operator configures of a Redis in memory, and what it tells of itself.
#pragma once

#include "support/redis_reply.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::support {

enum class server_condition : std::uint8_t {
  well,
  loading,
  busy,
  read_only,
  full,
  disk_failing,
};

struct redis_configuration {
  server_condition condition{server_condition::well};
  std::string user{"default"};
  std::string password{};  ///< empty: nobody has to log in
  std::string version{"7.0.15"};
  std::string mode{"standalone"};  ///< or cluster, a node that serves no slot; or sentinel
  std::string role{"master"};
  std::string eviction_policy{"noeviction"};
  std::string aof_enabled{"1"};
  std::string appendfsync{"everysec"};
  bool names_run{true};         ///< in INFO
  std::uint64_t replicas{0};    ///< that are connected
  bool replicas_keep_up{true};  ///< else only when they are told to
  /// To WAIT it is as if a takeover had written nothing.
  bool takeover_counts_as_read{false};
};

/// The error of a write; empty if it is not refused.
[[nodiscard]] std::string write_refusal(server_condition now, bool may_need_memory);

/// What a server draws, and does not configure.
struct server_identity {
  std::string run_id;
  std::string replication_id;
  std::string replication_id2;
};

/// INFO; an empty section stands for all. A Sentinel knows only the first of them.
[[nodiscard]] std::string info_text(const redis_configuration& of, const server_identity& as,
                                    std::string_view section);
/// CONFIG GET
[[nodiscard]] redis_reply configuration_matching(const redis_configuration& of,
                                                 std::string_view pattern);

}  // namespace turnomatic::support
