#include "app/descriptor_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace turnomatic::app {
namespace {

// What the process may have open at once, by its plan.
std::uint64_t planned(const descriptor_plan& plan, std::uint32_t workers) {
  const std::uint64_t threads = std::uint64_t{workers} + 1;
  return 64 + threads * (8 + 1) + plan.connections + plan.operator_connections +
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
    const std::uint64_t bare = 64 + (std::uint64_t{workers} + 1) * 9;
    for (std::uint64_t spare = 4 * (workers + 1); spare < 20'000; spare += 7) {
      const auto plan = plan_descriptors(bare + spare, {10'000, workers, 1});
      ASSERT_LE(planned(plan, workers), bare + spare) << workers << " workers, " << spare;
      ASSERT_GE(plan.connections, spare / 2);
    }
  }
}

TEST(descriptor_plan, says_how_many_give_everybody_what_is_wanted) {
  for (const std::uint32_t connections : {1U, 500U, 10'000U, 1'000'000U}) {
    for (const std::uint32_t workers : {1U, 2U, 16U, 64U, 1024U}) {
      const descriptor_plan::demand demand{connections, workers, 2};
      const std::uint64_t enough = descriptors_wanted(demand);
      const auto plan = plan_descriptors(enough, demand);
      EXPECT_EQ(plan.connections, connections);
      EXPECT_EQ(plan.operator_connections, 256U);
      const auto more = plan_descriptors(enough + 100'000, demand);
      EXPECT_EQ(plan.refused_per_thread, more.refused_per_thread);
      const auto less = plan_descriptors(enough - 1, demand);
      EXPECT_TRUE(less.connections < connections || less.operator_connections < 256 ||
                  less.refused_per_thread < more.refused_per_thread);
    }
  }
}

TEST(descriptor_plan, says_with_how_many_there_is_a_place_for_each_kind_of_client) {
  for (const std::uint32_t workers : {1U, 2U, 16U, 64U, 1024U}) {
    const descriptor_plan::demand demand{10'000, workers, 1};
    const std::uint64_t least = descriptors_min(demand);
    const auto plan = plan_descriptors(least, demand);
    EXPECT_LE(planned(plan, workers), least);
    EXPECT_GE(plan.connections, workers + 1);
    EXPECT_LE(least, descriptors_wanted(demand));
  }
}

// deploy/prometheus leads operators there.
TEST(descriptor_plan, needs_no_more_than_the_runbook_says) {
  constexpr std::uint64_t for_all = 1'000;
  constexpr std::uint64_t for_worker = 42;  // beyond those that the 1,000 suffice for
  constexpr std::uint32_t workers_included = 16;
  std::ostringstream text;
  text
      << std::ifstream{TURNOMATIC_SOURCE_DIR "/docs/runbooks/TurnomaticDescriptorsNear.md"}.rdbuf();
  EXPECT_NE(text.str().find("exceed `http.max_connections` by 1,000, and by 42 more for each of\n"
                            "  `workers` beyond 16."),
            std::string::npos);
  for (const std::uint32_t connections : {1'000U, 10'000U, 1'000'000U}) {
    for (std::uint32_t workers = 1; workers <= 1024; ++workers) {
      const std::uint64_t beyond = workers - std::min(workers, workers_included);
      const std::size_t listeners = 2;  // of one endpoint, the default
      EXPECT_LE(descriptors_wanted({connections, workers, listeners}),
                connections + for_all + for_worker * beyond)
          << workers;
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
