// How much processor time the control groups of this process grant it (cgroups(7)).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::app {

/// A hierarchy that can limit processor time: the unified one, or the one of version 1 with the
/// controller "cpu".
enum class cgroup_version : std::uint8_t { v1, v2 };

/// Where a hierarchy is mounted: `directory` shows the group `group` and those below.
struct cgroup_mount {
  cgroup_version version;
  std::string group;
  std::string directory;

  friend bool operator==(const cgroup_mount&, const cgroup_mount&) = default;
};

/// The group that the process is in, from /proc/self/cgroup; nothing if it is in none.
[[nodiscard]] std::optional<std::string> cgroup_of(std::string_view memberships,
                                                   cgroup_version version);

/// From /proc/self/mountinfo.
[[nodiscard]] std::vector<cgroup_mount> cgroup_mounts(std::string_view mountinfo);

/// The directories of `group` and of the groups above it, up to the mount's; none if the mount does
/// not show it.
[[nodiscard]] std::vector<std::string> directories_of(const cgroup_mount& mount,
                                                      std::string_view group);

/// Whole processors, rounded up; nothing: no limit. Of version 2, "QUOTA PERIOD" or "max PERIOD".
[[nodiscard]] std::optional<std::uint64_t> processors_of_cpu_max(std::string_view text);
/// Of version 1, microseconds each; a negative quota is no limit.
[[nodiscard]] std::optional<std::uint64_t> processors_of_cfs(std::string_view quota,
                                                             std::string_view period);

/// The smallest quota of the process's groups and of those above them, as far as they can be seen,
/// in whole processors, rounded up; nothing: no limit. Reads below `root`, "/" but for tests. What
/// cannot be read limits nothing.
[[nodiscard]] std::optional<std::uint64_t> cpu_quota(const std::filesystem::path& root = "/");

}  // namespace turnomatic::app
