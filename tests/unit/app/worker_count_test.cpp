#include "app/worker_count.hpp"

#include <gtest/gtest.h>

namespace turnomatic::app {
namespace {

TEST(choose_worker_count, takes_what_is_configured) {
  EXPECT_EQ(choose_worker_count(7, {.online = 2, .affinity = 2, .quota = 1}),
            (worker_count{7, "configuration"}));
}

TEST(choose_worker_count, follows_the_narrowest_limit_and_names_it) {
  struct row {
    processor_limits limits;
    worker_count chosen;
  };
  for (const row& each :
       {row{{8, 8, {}}, {8, "processors"}}, row{{8, 3, {}}, {3, "affinity"}},
        row{{8, 8, 16}, {8, "processors"}}, row{{8, 8, 8}, {8, "processors"}},
        row{{8, 8, 2}, {2, "cgroup_quota"}}, row{{8, 3, 2}, {2, "cgroup_quota"}},
        row{{8, 2, 3}, {2, "affinity"}}, row{{8, 8, 0}, {1, "cgroup_quota"}},
        row{{1, 0, {}}, {1, "processors"}}, row{{8, 8, std::uint64_t{1} << 40}, {8, "processors"}}})
    EXPECT_EQ(choose_worker_count(0, each.limits), each.chosen)
        << each.limits.affinity << ' ' << each.limits.quota.value_or(0);
}

TEST(read_processor_limits, finds_at_least_one_processor) {
  const processor_limits limits = read_processor_limits();
  EXPECT_GE(limits.online, 1U);
  EXPECT_GE(limits.affinity, 1U);
}

}  // namespace
}  // namespace turnomatic::app
