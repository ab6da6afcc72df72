// What a server says of itself, and whether it may be counted on.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"
#include "backend/redis/wire/server_place.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// Empty members: the server did not say. Some that host Redis hide parts of it.
struct server_info {
  server_place place{};          ///< not its own words
  std::string product{"Redis"};  ///< or "Valkey"
  std::string version;           ///< of the product
  std::string mode;              ///< standalone, cluster or sentinel
  std::string run_id;            ///< drawn anew at each start of the server
  std::string replication_id;    ///< of the stream that replicas follow
  std::string replication_id2;   ///< of the one that it continues since a promotion; else zeros
  std::string role;              ///< master or slave
  std::string primary;           ///< of a replica: "host:port"
  std::string replicas;          ///< that are connected to it
  std::string cluster_enabled;   ///< 0 or 1
  std::string eviction_policy;
  std::string aof_enabled;  ///< 0 or 1
  std::string appendfsync;  ///< always, everysec or no
  /// `yes`: what is written while the log is rewritten is not forced to the disk, not even with
  /// `appendfsync always`.
  std::string no_appendfsync_on_rewrite;

  /// While this stays, nothing that the server acknowledged can be gone. It names the process, and
  /// after a promotion the replication id too, since a server that was a replica for a moment may
  /// have lost something. One that was not draws a new replication id as well, and loses nothing,
  /// when its first replica comes or none has been there for repl-backlog-ttl; but only a promotion
  /// keeps the id before (replication.c: shiftReplicationId; the others call clearReplicationId2).
  [[nodiscard]] std::string run() const;
  /// A full server drops keys that have a life span: lanes' records must have none.
  [[nodiscard]] bool evicts_volatile_keys() const noexcept {
    return eviction_policy.starts_with("volatile-");
  }
};

/// The sections of INFO that `server_info` needs. One a command: Redis 5 and 6 take no more.
inline constexpr std::array<std::string_view, 5> info_sections{"server", "replication", "memory",
                                                               "persistence", "cluster"};
/// INFO of each section, and CONFIG GET, which many that host Redis forbid.
inline constexpr std::size_t server_info_replies = info_sections.size() + 1;
void append_server_info(std::string& out);

/// Takes in one of the replies, in any order. What it does not say stays as it is; an error says
/// nothing.
void read_server_info(server_info& into, const reply& answer);

/// Why the server must not be counted on, in one sentence that names the cure. `primary`: the name
/// by which sentinels know it; empty without them.
[[nodiscard]] std::optional<std::string> unfit(const server_info& server,
                                               std::string_view primary = {});

/// What should be otherwise and keeps nobody from counting, one sentence each.
[[nodiscard]] std::vector<std::string> doubts_about(const server_info& server);

/// The same of how far turns can be lost in a failover, where `acknowledging` replicas hold each
/// one that is handed out.
[[nodiscard]] std::vector<std::string> doubts_about_replicas(const server_info& server,
                                                             std::uint32_t acknowledging);

}  // namespace turnomatic::redis
