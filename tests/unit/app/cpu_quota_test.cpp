#include "app/cpu_quota.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace turnomatic::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(cgroup_of, a_process_is_by_its_hierarchy) {
  const std::string hybrid =
      "12:cpu,cpuacct:/system.slice/a.service\n"
      "11:cpuset:/other\n"
      "1:name=systemd:/named\n"
      "0::/unified/b:c\n";
  EXPECT_EQ(cgroup_of(hybrid, cgroup_version::v1), "/system.slice/a.service");
  EXPECT_EQ(cgroup_of(hybrid, cgroup_version::v2), "/unified/b:c");
}

TEST(cgroup_of, is_nothing_where_there_is_no_such_hierarchy) {
  EXPECT_EQ(cgroup_of("0::/\n", cgroup_version::v1), std::nullopt);
  // Neither is "cpu".
  EXPECT_EQ(cgroup_of("3:cpuset:/a\n2:cpuacct:/b\n", cgroup_version::v1), std::nullopt);
  EXPECT_EQ(cgroup_of("3:cpu:/a\n", cgroup_version::v2), std::nullopt);
  for (const char* const text : {"", "\n", ":", "0:", "cpu:/a", "nothing"})
    EXPECT_EQ(cgroup_of(text, cgroup_version::v1), std::nullopt) << text;
}

TEST(cgroup_mounts, are_those_that_can_limit_processor_time) {
  EXPECT_THAT(
      cgroup_mounts("24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
                    "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:2 master:1 - cgroup cgroup "
                    "rw,cpu,cpuacct\n"
                    "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
                    "41 31 0:38 /pods/a /sys/fs/my\\040group rw - cgroup2 cgroup2 rw\n"),
      ElementsAre(cgroup_mount{cgroup_version::v1, "/", "/sys/fs/cgroup/cpu"},
                  cgroup_mount{cgroup_version::v2, "/pods/a", "/sys/fs/my group"}));
}

TEST(cgroup_mounts, are_not_made_of_broken_lines) {
  for (const char* const text :
       {"", "\n", "-", "1 2 3 4 5 6 -", "1 2 3 4 5 6 - cgroup2", "1 2 - cgroup2 cgroup2 rw",
        "1 2 3 / /sys rw cgroup2 cgroup2 rw", "\\", "1 2 3 \\04 \\9 rw - cgroup x rw"})
    EXPECT_THAT(cgroup_mounts(text), IsEmpty()) << text;
}

TEST(directories_of, a_group_go_up_to_the_mount) {
  const cgroup_mount whole{cgroup_version::v2, "/", "/sys"};
  EXPECT_THAT(directories_of(whole, "/a/b"), ElementsAre("/sys/a/b", "/sys/a", "/sys"));
  EXPECT_THAT(directories_of(whole, "/"), ElementsAre("/sys"));
  const cgroup_mount part{cgroup_version::v1, "/pods/x", "/sys"};
  EXPECT_THAT(directories_of(part, "/pods/x/a"), ElementsAre("/sys/a", "/sys"));
  EXPECT_THAT(directories_of(part, "/pods/x"), ElementsAre("/sys"));
}

TEST(directories_of, a_group_are_none_where_the_mount_does_not_show_it) {
  const cgroup_mount part{cgroup_version::v1, "/pods/x", "/sys"};
  EXPECT_THAT(directories_of(part, "/pods/xy"), IsEmpty());
  EXPECT_THAT(directories_of(part, "/"), IsEmpty());
  EXPECT_THAT(directories_of(part, ""), IsEmpty());
  const cgroup_mount whole{cgroup_version::v2, "/", "/sys"};
  EXPECT_THAT(directories_of(whole, "/../a"), IsEmpty());
  EXPECT_THAT(directories_of({cgroup_version::v2, "/..", "/sys"}, "/"), IsEmpty());
}

TEST(processors_of_cpu_max, are_rounded_up) {
  EXPECT_EQ(processors_of_cpu_max("200000 100000\n"), 2U);
  EXPECT_EQ(processors_of_cpu_max("200001 100000\n"), 3U);
  EXPECT_EQ(processors_of_cpu_max("50000 100000"), 1U);
  EXPECT_EQ(processors_of_cpu_max("1000 1000000"), 1U);
  EXPECT_EQ(processors_of_cpu_max("18446744073709551615 1"), 18446744073709551615U);
}

TEST(processors_of_cpu_max, are_nothing_without_a_limit) {
  for (const char* const text : {"max 100000\n", "", "\n", "1", "1 0", "0 1", "1 2 3", "-1 100000",
                                 "x y", "18446744073709551616 1", " "})
    EXPECT_EQ(processors_of_cpu_max(text), std::nullopt) << text;
}

TEST(processors_of_cfs, are_rounded_up_and_nothing_without_a_limit) {
  EXPECT_EQ(processors_of_cfs("150000\n", "100000\n"), 2U);
  EXPECT_EQ(processors_of_cfs("-1\n", "100000\n"), std::nullopt);
  EXPECT_EQ(processors_of_cfs("", ""), std::nullopt);
}

/// A file system of our own, seen from its root.
class cpu_quota_test : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = directory_.path() + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << text;
  }
  [[nodiscard]] std::optional<std::uint64_t> quota() const { return cpu_quota(directory_.path()); }

 private:
  const support::temporary_directory directory_;
};

TEST_F(cpu_quota_test, is_nothing_where_nothing_can_be_read) {
  EXPECT_EQ(quota(), std::nullopt);
}

TEST_F(cpu_quota_test, is_the_smallest_of_the_groups_above) {
  write("/proc/self/cgroup", "0::/kube/pod/app\n");
  write("/proc/self/mountinfo", "1 2 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  write("/sys/fs/cgroup/kube/pod/app/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), std::nullopt);
  write("/sys/fs/cgroup/kube/cpu.max", "800000 100000\n");
  EXPECT_EQ(quota(), 8U);
  write("/sys/fs/cgroup/kube/pod/cpu.max", "250000 100000\n");
  EXPECT_EQ(quota(), 3U);
  write("/sys/fs/cgroup/kube/pod/app/cpu.max", "400000 100000\n");
  EXPECT_EQ(quota(), 3U);
}

TEST_F(cpu_quota_test, is_read_in_a_container_that_sees_its_own_part_only) {
  write("/proc/self/cgroup", "4:cpu,cpuacct:/docker/abc\n0::/\n");
  write("/proc/self/mountinfo",
        "1 2 0:1 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n");
  write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), 1U);
}

TEST_F(cpu_quota_test, is_the_smaller_one_of_both_versions) {
  write("/proc/self/cgroup", "4:cpu:/a\n0::/b\n");
  write("/proc/self/mountinfo",
        "1 2 0:1 / /one rw - cgroup cgroup rw,cpu\n"
        "2 2 0:2 / /two rw - cgroup2 cgroup2 rw\n");
  write("/one/a/cpu.cfs_quota_us", "300000\n");
  write("/one/a/cpu.cfs_period_us", "100000\n");
  write("/two/b/cpu.max", "500000 100000\n");
  EXPECT_EQ(quota(), 3U);
  write("/two/cpu.max", "110000 100000\n");
  EXPECT_EQ(quota(), 2U);
}

}  // namespace
}  // namespace turnomatic::app
