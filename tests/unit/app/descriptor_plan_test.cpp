#include "app/descriptor_plan.hpp"

#include <gtest/gtest.h>

namespace turnomatic::app {
namespace {

// What the process may have open at once, by its plan.
std::uint64_t planned(const descriptor_plan& plan, std::uint32_t workers) {
  const std::uint64_t threads = std::uint64_t{workers} + 1;
  return 64 + threads * (6 + 1) + plan.connections + plan.operator_connections +
         threads * plan.refused_per_thread;
}

TEST(descriptor_plan, gives_everybody_what_is_wanted_where_there_are_enough) {
  for (const std::uint32_t workers : {1U, 2U, 16U, 64U, 1024U}) {
    const auto plan = plan_descriptors(1'000'000, {10'000, workers, 1});
    EXPECT_EQ(plan.connections, 10'000U);
    EXPECT_EQ(plan.operator_connections, 256U);
    EXPECT_GE(plan.refused_per_thread, 16U);
    EXPECT_LE(plan.refused_per_thread, 128U);
  }
}

TEST(descriptor_plan, never_promises_more_than_there_are) {
  for (const std::uint32_t workers : {1U, 2U, 16U, 64U, 256U}) {
    const std::uint64_t bare = 64 + (std::uint64_t{workers} + 1) * 7;
    for (std::uint64_t spare = 4 * (workers + 1); spare < 20'000; spare += 7) {
      const auto plan = plan_descriptors(bare + spare, {10'000, workers, 1});
      ASSERT_LE(planned(plan, workers), bare + spare) << workers << " workers, " << spare;
      ASSERT_GE(plan.connections, spare / 2);
    }
  }
}

TEST(descriptor_plan, leaves_everybody_one_where_there_are_too_few) {
  for (const std::uint64_t descriptors : {0U, 40U, 100U}) {
    const auto plan = plan_descriptors(descriptors, {10'000, 8, 2});
    EXPECT_EQ(plan.connections, 1U);
    EXPECT_EQ(plan.operator_connections, 1U);
    EXPECT_EQ(plan.refused_per_thread, 1U);
  }
}

}  // namespace
}  // namespace turnomatic::app
