#include "app/cpu_quota.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>

namespace turnomatic::app {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return parts;
    text.remove_prefix(end + 1);
  }
}

bool lists(std::string_view list, std::string_view wanted) {
  return std::ranges::count(split(list, ','), wanted) > 0;
}

// Blank, tab, line feed and backslash stand in mountinfo as three octal digits.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '\\' && text.size() - i > 3 &&
        std::from_chars(digits, digits + 3, code, 8).ptr == digits + 3) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::optional<std::uint64_t> number(std::string_view text) {
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<std::uint64_t> processors(std::string_view quota, std::string_view period) {
  const auto granted = number(quota);
  const auto of = number(period);
  if (!granted || !of || *granted == 0 || *of == 0)
    return std::nullopt;
  return (*granted - 1) / *of + 1;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

std::optional<std::string> cgroup_of(std::string_view memberships, cgroup_version version) {
  for (const std::string_view line : split(memberships, '\n')) {
    // "ID:CONTROLLERS:PATH", with id 0 and no controllers in the unified hierarchy. The path may
    // hold further colons.
    const std::size_t first = line.find(':');
    constexpr std::size_t none = std::string_view::npos;
    const std::size_t second = first == none ? none : line.find(':', first + 1);
    if (second == none)
      continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (version == cgroup_version::v2 ? controllers.empty() : lists(controllers, "cpu"))
      return std::string{line.substr(second + 1)};
  }
  return std::nullopt;
}

std::vector<cgroup_mount> cgroup_mounts(std::string_view mountinfo) {
  std::vector<cgroup_mount> found;
  for (const std::string_view line : split(mountinfo, '\n')) {
    // "ID PARENT DEVICE GROUP DIRECTORY OPTIONS [OPTIONAL ...] - TYPE SOURCE SUPER_OPTIONS"
    const auto fields = split(line, ' ');
    const auto dash = std::ranges::find(fields, "-");
    if (fields.end() - dash < 4 || dash - fields.begin() < 6)
      continue;
    const bool unified = dash[1] == "cgroup2";
    if (!unified && !(dash[1] == "cgroup" && lists(dash[3], "cpu")))
      continue;
    found.push_back({unified ? cgroup_version::v2 : cgroup_version::v1, unescaped(fields[3]),
                     unescaped(fields[4])});
  }
  return found;
}

std::vector<std::string> directories_of(const cgroup_mount& mount, std::string_view group) {
  // "/.." is above the namespace: nothing that we see. A mount may show a part of the tree.
  std::string_view below = group;
  const std::string_view shown = mount.group == "/" ? "" : std::string_view{mount.group};
  if (!below.starts_with(shown))
    return {};
  below.remove_prefix(shown.size());
  if ((!below.empty() && !below.starts_with('/')) ||
      std::ranges::count(split(below, '/'), "..") > 0)
    return {};
  std::vector<std::string> directories;
  for (; below.size() > 1; below = below.substr(0, below.rfind('/')))
    directories.push_back(mount.directory + std::string{below});
  directories.push_back(mount.directory);
  return directories;
}

std::optional<std::uint64_t> processors_of_cpu_max(std::string_view text) {
  const auto parts = split(text, ' ');
  return parts.size() == 2 ? processors(parts[0], parts[1]) : std::nullopt;
}

std::optional<std::uint64_t> processors_of_cfs(std::string_view quota, std::string_view period) {
  return processors(quota, period);
}

std::optional<std::uint64_t> cpu_quota(const std::filesystem::path& root) {
  const std::string memberships = read(root / "proc/self/cgroup");
  std::optional<std::uint64_t> smallest;
  for (const cgroup_mount& mount : cgroup_mounts(read(root / "proc/self/mountinfo"))) {
    const auto group = cgroup_of(memberships, mount.version);
    if (!group)
      continue;
    for (const std::string& directory : directories_of(mount, *group)) {
      const std::filesystem::path at = root / std::filesystem::path{directory}.relative_path();
      const auto granted =
          mount.version == cgroup_version::v2
              ? processors_of_cpu_max(read(at / "cpu.max"))
              : processors_of_cfs(read(at / "cpu.cfs_quota_us"), read(at / "cpu.cfs_period_us"));
      if (granted)
        smallest = std::min(*granted, smallest.value_or(*granted));
    }
  }
  return smallest;
}

}  // namespace turnomatic::app
