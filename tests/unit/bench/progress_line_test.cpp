#include "commands/progress_line.hpp"

#include <gtest/gtest.h>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;

run_progress under_way() {
  return {.elapsed = 12.4s,
          .left = 8s,
          .turns = 15'000,
          .rate = 1'234.5,
          .errors = 3,
          .violations = 0,
          .p99 = 1'250us};
}

TEST(progress_line, tells_how_long_how_fast_and_how_long_still) {
  EXPECT_EQ(progress_line(under_way()), "\r12 s  1,234/s  p99 1.25 ms  errors 3  left 8 s\x1b[K");
}

TEST(progress_line, says_nothing_of_what_nobody_knows) {
  run_progress progress = under_way();
  progress.left.reset();
  EXPECT_EQ(progress_line(progress), "\r12 s  1,234/s  p99 1.25 ms  errors 3\x1b[K");
}

TEST(progress_line, tells_of_violations_as_soon_as_there_are_any) {
  run_progress progress = under_way();
  progress.violations = 2;
  EXPECT_NE(progress_line(progress).find("errors 3  VIOLATIONS 2  left"), std::string::npos);
}

}  // namespace
}  // namespace turnomatic::bench
