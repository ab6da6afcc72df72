// What stores of several kinds say of themselves: INFO, one section a text, as they send it but for
// the ends of lines and for fields of memory and persistence that say the same everywhere.
#pragma once

#include <string_view>

namespace turnomatic::redis {

// ---- Redis 5.0.14

inline constexpr std::string_view redis_5_server =
    "# Server\n"
    "redis_version:5.0.14\n"
    "redis_git_sha1:00000000\n"
    "redis_git_dirty:0\n"
    "redis_build_id:ddd3b1f28af5b9e5\n"
    "redis_mode:standalone\n"
    "os:Linux 5.10.0-28-amd64 x86_64\n"
    "arch_bits:64\n"
    "multiplexing_api:epoll\n"
    "atomicvar_api:atomic-builtin\n"
    "gcc_version:10.2.1\n"
    "process_id:1\n"
    "run_id:0a2f6cc5b5a4f2bb0c8f3be8a2d05dc0a02b4a10\n"
    "tcp_port:6379\n"
    "uptime_in_seconds:41\n"
    "uptime_in_days:0\n"
    "hz:10\n"
    "configured_hz:10\n"
    "lru_clock:6701090\n"
    "executable:/data/redis-server\n"
    "config_file:\n";
inline constexpr std::string_view redis_5_replication =
    "# Replication\n"
    "role:master\n"
    "connected_slaves:0\n"
    "master_replid:5b8ae1f08c3ef5b6c3f2ea7c8b2f9ce7ad1bd9a4\n"
    "master_replid2:0000000000000000000000000000000000000000\n"
    "master_repl_offset:0\n"
    "second_repl_offset:-1\n"
    "repl_backlog_active:0\n"
    "repl_backlog_size:1048576\n"
    "repl_backlog_first_byte_offset:0\n"
    "repl_backlog_histlen:0\n";
inline constexpr std::string_view redis_5_memory =
    "# Memory\n"
    "used_memory:854344\n"
    "used_memory_human:834.32K\n"
    "maxmemory:0\n"
    "maxmemory_human:0B\n"
    "maxmemory_policy:noeviction\n"
    "mem_allocator:jemalloc-5.1.0\n";
inline constexpr std::string_view redis_5_persistence =
    "# Persistence\n"
    "loading:0\n"
    "rdb_changes_since_last_save:0\n"
    "rdb_last_bgsave_status:ok\n"
    "aof_enabled:1\n"
    "aof_rewrite_in_progress:0\n"
    "aof_last_write_status:ok\n"
    "aof_current_size:0\n"
    "aof_pending_bio_fsync:0\n"
    "aof_delayed_fsync:0\n";
inline constexpr std::string_view no_cluster = "# Cluster\ncluster_enabled:0\n";

// ---- Redis 6.2.14, a replica

inline constexpr std::string_view redis_6_server =
    "# Server\n"
    "redis_version:6.2.14\n"
    "redis_git_sha1:00000000\n"
    "redis_git_dirty:0\n"
    "redis_build_id:68b2b2a9f3e5b4a4\n"
    "redis_mode:standalone\n"
    "os:Linux 5.10.0-28-amd64 x86_64\n"
    "arch_bits:64\n"
    "monotonic_clock:POSIX clock_gettime\n"
    "multiplexing_api:epoll\n"
    "atomicvar_api:c11-builtin\n"
    "gcc_version:10.2.1\n"
    "process_id:1\n"
    "process_supervised:no\n"
    "run_id:f3c2f1b1c6c0f6f0b7e8a1d0c9c4e2b1a0d9e8f7\n"
    "tcp_port:6379\n"
    "server_time_usec:1795832221680735\n"
    "uptime_in_seconds:2\n"
    "executable:/data/redis-server\n"
    "config_file:/etc/redis/redis.conf\n"
    "io_threads_active:0\n";
inline constexpr std::string_view redis_6_replica =
    "# Replication\n"
    "role:slave\n"
    "master_host:10.0.0.7\n"
    "master_port:6380\n"
    "master_link_status:up\n"
    "master_last_io_seconds_ago:0\n"
    "master_sync_in_progress:0\n"
    "slave_read_repl_offset:14\n"
    "slave_repl_offset:14\n"
    "slave_priority:100\n"
    "slave_read_only:0\n"
    "replica_announced:1\n"
    "connected_slaves:0\n"
    "master_failover_state:no-failover\n"
    "master_replid:0d7d4c1d4c9f5f4d8bb2c1ad0a4c1f4c0cd4a1ee\n"
    "master_replid2:0000000000000000000000000000000000000000\n"
    "master_repl_offset:14\n";

// ---- Redis 7.0.15, of Debian 12

inline constexpr std::string_view redis_7_server =
    "# Server\n"
    "redis_version:7.0.15\n"
    "redis_git_sha1:00000000\n"
    "redis_git_dirty:0\n"
    "redis_build_id:ae4d7c971a948f0\n"
    "redis_mode:standalone\n"
    "os:Linux 6.1.0-18-amd64 x86_64\n"
    "arch_bits:64\n"
    "monotonic_clock:POSIX clock_gettime\n"
    "multiplexing_api:epoll\n"
    "atomicvar_api:c11-builtin\n"
    "gcc_version:12.2.0\n"
    "process_id:10111\n"
    "process_supervised:no\n"
    "run_id:8d47d873dcea33e9a46b9b897d9dd9f5edb953a7\n"
    "tcp_port:0\n"
    "server_time_usec:1795832221680735\n"
    "uptime_in_seconds:1\n"
    "executable:/usr/bin/redis-server\n"
    "config_file:\n"
    "io_threads_active:0\n";
inline constexpr std::string_view redis_7_replication =
    "# Replication\n"
    "role:master\n"
    "connected_slaves:0\n"
    "master_failover_state:no-failover\n"
    "master_replid:f7e3874f105add0681545f769d85b2f9224d258d\n"
    "master_replid2:6923e87a8c19b48ce3cade5fde49b6dfd5186e54\n"
    "master_repl_offset:0\n"
    "second_repl_offset:1\n";
inline constexpr std::string_view redis_7_memory =
    "# Memory\n"
    "used_memory:1241408\n"
    "used_memory_human:1.18M\n"
    "maxmemory:0\n"
    "maxmemory_human:0B\n"
    "maxmemory_policy:noeviction\n"
    "mem_not_counted_for_evict:0\n"
    "mem_allocator:jemalloc-5.3.0\n";
inline constexpr std::string_view redis_7_persistence =
    "# Persistence\n"
    "loading:0\n"
    "async_loading:0\n"
    "rdb_last_bgsave_status:ok\n"
    "aof_enabled:0\n"
    "aof_rewrite_in_progress:0\n"
    "aof_last_write_status:ok\n";

// ---- Valkey 8.0.1, a node of a cluster

inline constexpr std::string_view valkey_8_server =
    "# Server\n"
    "redis_version:7.2.4\n"
    "server_name:valkey\n"
    "valkey_version:8.0.1\n"
    "redis_git_sha1:00000000\n"
    "redis_git_dirty:0\n"
    "redis_build_id:9aa5a6b1b0d3d2e0\n"
    "server_mode:cluster\n"
    "os:Linux 6.1.0-18-amd64 x86_64\n"
    "arch_bits:64\n"
    "monotonic_clock:POSIX clock_gettime\n"
    "multiplexing_api:epoll\n"
    "gcc_version:12.2.0\n"
    "process_id:1\n"
    "process_supervised:no\n"
    "run_id:2b1f0e9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a39\n"
    "tcp_port:6379\n"
    "server_time_usec:1795832221680735\n"
    "executable:/data/valkey-server\n"
    "config_file:/etc/valkey/valkey.conf\n"
    "io_threads_active:0\n"
    "availability_zone:\n";
inline constexpr std::string_view valkey_8_replication =
    "# Replication\n"
    "role:master\n"
    "connected_slaves:1\n"
    "slave0:ip=10.0.0.8,port=6379,state=online,offset=14,lag=0,type=replica\n"
    "replicas_waiting_psync:0\n"
    "master_failover_state:no-failover\n"
    "master_replid:11b2c3d4e5f60718293a4b5c6d7e8f9001122334\n"
    "master_replid2:0000000000000000000000000000000000000000\n"
    "master_repl_offset:14\n";
inline constexpr std::string_view in_cluster = "# Cluster\ncluster_enabled:1\n";

// ---- Redis 7.0.15, started as a Sentinel

inline constexpr std::string_view sentinel_server =
    "# Server\n"
    "redis_version:7.0.15\n"
    "redis_mode:sentinel\n"
    "run_id:c8b7a6958473625140f9e8d7c6b5a49382716050\n"
    "tcp_port:26379\n";

}  // namespace turnomatic::redis
