#include "backend/redis/wire/server_info.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace turnomatic::redis {
namespace {

using field = std::string server_info::*;

constexpr std::array<std::pair<std::string_view, field>, 12> info_fields{
    {{"redis_version", &server_info::version},
     {"redis_mode", &server_info::mode},
     {"server_mode", &server_info::mode},  // Valkey's, but for extended-redis-compatibility
     {"run_id", &server_info::run_id},
     {"master_replid", &server_info::replication_id},
     {"master_replid2", &server_info::replication_id2},
     {"role", &server_info::role},
     {"master_host", &server_info::primary},
     {"connected_slaves", &server_info::replicas},
     {"cluster_enabled", &server_info::cluster_enabled},
     {"maxmemory_policy", &server_info::eviction_policy},
     {"aof_enabled", &server_info::aof_enabled}}};

constexpr std::array<std::pair<std::string_view, field>, 2> config_fields{
    {{"appendfsync", &server_info::appendfsync},
     {"no-appendfsync-on-rewrite", &server_info::no_appendfsync_on_rewrite}}};

template <class Fields>
void take(server_info& into, const Fields& known, std::string_view name, std::string_view value) {
  const auto* const found =
      std::ranges::find(known, name, [](const auto& each) { return each.first; });
  if (found != known.end())
    into.*(found->second) = value;
}

void take_line(server_info& into, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  if (name == "valkey_version") {
    // Before it, "redis_version" names the Redis that it is compatible with.
    into.product = "Valkey";
    into.version = value;
  } else if (name == "master_port") {
    into.primary.append(1, ':').append(value);
  } else {
    take(into, info_fields, name, value);
  }
}

void take_info(server_info& into, std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    take_line(into, line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// 0: it cannot be told.
int major_version(std::string_view version) {
  int number = 0;
  const char* const last = version.data() + version.size();
  const auto [end, error] = std::from_chars(version.data(), last, number);
  return error == std::errc{} && end != last && *end == '.' ? number : 0;
}

constexpr int oldest_version = 5;

bool is_known_policy(std::string_view policy) {
  return policy == "noeviction" || policy.starts_with("volatile-");
}

// Where sentinels have named it nobody need do anything: they agree before long.
std::string of_replica(const server_info& server, std::string_view primary) {
  const std::string of = server.primary.empty() ? "" : " of " + server.primary;
  if (!primary.empty())
    return server.place.address + ", which a sentinel named as " + std::string{primary} +
           ", is a replica" + of +
           ": a failover has begun and is not over for all of them; sentinels are asked again";
  return "this server is a replica" + of +
         ", and turns that are counted on it are lost: let redis.url lead to the primary";
}

}  // namespace

std::string server_info::run() const {
  // Empty: the server does not say, so it may have been promoted.
  const bool never_promoted =
      !replication_id2.empty() && replication_id2.find_first_not_of('0') == std::string::npos;
  return never_promoted ? run_id : run_id + ' ' + replication_id;
}

void append_server_info(std::string& out) {
  for (const std::string_view section : info_sections)
    append_command(out, std::array<std::string_view, 2>{"INFO", section});
  append_command(out, std::array<std::string_view, 3>{"CONFIG", "GET", "*appendfsync*"});
}

void read_server_info(server_info& into, const reply& answer) {
  if (answer.type == reply::kind::string)
    return take_info(into, answer.text);
  for (std::size_t i = 0; i + 1 < answer.elements.size(); i += 2)
    take(into, config_fields, answer.elements[i]->text, answer.elements[i + 1]->text);
}

std::optional<std::string> unfit(const server_info& server, std::string_view primary) {
  if (server.mode == "sentinel")
    return "this server is a Sentinel and holds no data: let redis.url lead to the primary that it "
           "watches, or begin with redis+sentinel://";
  if (server.run_id.empty())
    return "INFO names no run_id, and without it a restart of the server could not be noticed: let "
           "redis.url lead to a server itself and not to a proxy, and its user have +info";
  if (!server.role.empty() && server.role != "master")
    return of_replica(server, primary);
  if (server.cluster_enabled == "1")
    return "this server is a node of a cluster (cluster_enabled:1) and holds a part of the ids "
           "only: let redis.url lead to a server that is not in cluster mode";
  if (const int major = major_version(server.version); major > 0 && major < oldest_version)
    return "the server is " + server.product + ' ' + server.version +
           ", and the counters need Redis 5 or newer: update it";
  // Counters never expire, so volatile-* leaves them alone; see evicts_volatile_keys.
  if (server.eviction_policy.starts_with("allkeys-"))
    return "maxmemory-policy is " + server.eviction_policy +
           ", so counters could be evicted and start again at 1: set it to noeviction";
  return std::nullopt;
}

std::vector<std::string> doubts_about(const server_info& server) {
  std::vector<std::string> doubts;
  if (server.eviction_policy.empty())
    doubts.emplace_back(
        "INFO does not name the maxmemory-policy: see to it that it is noeviction, for an evicted "
        "counter starts again at 1");
  else if (!is_known_policy(server.eviction_policy))
    doubts.push_back("maxmemory-policy is " + server.eviction_policy +
                     ", which is not known here: see to it that it evicts no counters, or set it "
                     "to noeviction");
  if (server.aof_enabled == "0")
    doubts.emplace_back(
        "the store keeps no append-only file, so a restart loses what was counted since the last "
        "snapshot: set appendonly to yes and appendfsync to always");
  else if (server.aof_enabled.empty() || server.appendfsync.empty())
    doubts.emplace_back(
        "the store does not say whether each write is on its disk before it is answered: set "
        "appendonly to yes and appendfsync to always, and give the user +config|get");
  else if (server.appendfsync != "always")
    doubts.push_back("appendfsync is " + server.appendfsync +
                     ", so a crash of the store loses the last turns: set it to always");
  else if (server.no_appendfsync_on_rewrite == "yes")
    doubts.emplace_back(
        "no-appendfsync-on-rewrite is yes, so a crash of the store while it rewrites its file "
        "loses "
        "the last turns: set it to no");
  return doubts;
}

// A replica that is promoted has to be one of those that hold what was handed out. Where they and
// the primary are the most of all copies, each majority that can elect one has it.
std::vector<std::string> doubts_about_replicas(const server_info& server,
                                               std::uint32_t acknowledging) {
  std::vector<std::string> doubts;
  const std::uint64_t connected = natural_of(server.replicas).value_or(acknowledging);
  if (connected < acknowledging)
    doubts.push_back(std::to_string(acknowledging) + " replicas are to hold each turn and " +
                     server.replicas + " are connected to " + server.place.address +
                     ", so no turn is handed out: bring one back, or lower "
                     "redis.acknowledging_replicas");
  const std::uint64_t copies =
      1 + std::max<std::uint64_t>(connected, server.place.replicas.value_or(0));
  if (acknowledging > 0 || server.place.replicas.value_or(0) > 0) {
    if (2 * (std::uint64_t{acknowledging} + 1) <= copies)
      doubts.push_back("a turn is handed out when " + std::to_string(acknowledging + 1) + " of " +
                       std::to_string(copies) +
                       " copies hold it, so a failover may promote one that does not: raise "
                       "redis.acknowledging_replicas to " +
                       std::to_string(copies / 2));
  }
  return doubts;
}

}  // namespace turnomatic::redis
