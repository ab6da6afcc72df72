#include "support/redis_configuration.hpp"

#include <fnmatch.h>

#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

namespace turnomatic::support {
namespace {

using lines = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string section_text(std::string_view title, lines of) {
  std::string text = "# " + std::string{title} + "\r\n";
  for (const auto& [name, value] : of) {
    if (!value.empty())
      text.append(name).append(":").append(value).append("\r\n");
  }
  return text;
}

}  // namespace

std::string write_refusal(server_condition now, bool may_need_memory) {
  switch (now) {
    case server_condition::read_only:
      return "READONLY You can't write against a read only replica.";
    case server_condition::disk_failing:
      return "MISCONF Errors writing to the AOF file: No space left on device";
    case server_condition::full:
      return may_need_memory ? "OOM command not allowed when used memory > 'maxmemory'." : "";
    default:
      return {};
  }
}

std::string info_text(const redis_configuration& of, const server_identity& as,
                      std::string_view section) {
  const std::array<std::pair<std::string_view, std::string>, 5> sections{{
      {"server", section_text("Server", {{"redis_version", of.version},
                                         {"redis_mode", of.mode},
                                         {"run_id", of.names_run ? as.run_id : ""}})},
      {"memory", section_text("Memory", {{"maxmemory_policy", of.eviction_policy}})},
      {"persistence", section_text("Persistence", {{"aof_enabled", of.aof_enabled}})},
      {"replication",
       section_text("Replication", {{"role", of.role},
                                    {"connected_slaves", std::to_string(of.replicas)},
                                    {"master_replid", as.replication_id},
                                    {"master_replid2", as.replication_id2}})},
      {"cluster", section_text("Cluster", {{"cluster_enabled", of.mode == "cluster" ? "1" : "0"}})},
  }};
  std::string text;
  for (const auto& [name, lines] : sections) {
    if ((!section.empty() && section != name) || (of.mode == "sentinel" && name != "server"))
      continue;
    if (!text.empty())
      text += "\r\n";
    text += lines;
  }
  return text;
}

redis_reply configuration_matching(const redis_configuration& of, std::string_view pattern) {
  const std::array<std::pair<std::string_view, std::string_view>, 3> directives{{
      {"appendfsync", of.appendfsync},
      {"no-appendfsync-on-rewrite", "no"},
      {"maxmemory-policy", of.eviction_policy},
  }};
  std::vector<redis_reply> found;
  for (const auto& [name, value] : directives) {
    if (::fnmatch(std::string{pattern}.c_str(), name.data(), 0) != 0)
      continue;
    found.push_back(redis_reply::bulk(std::string{name}));
    found.push_back(redis_reply::bulk(std::string{value}));
  }
  return redis_reply::array(std::move(found));
}

}  // namespace turnomatic::support
