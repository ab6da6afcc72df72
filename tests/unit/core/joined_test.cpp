#include "core/joined.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace turnomatic {
namespace {

TEST(joined, has_a_separator_between_any_two) {
  const std::vector<std::string> texts{"a", "b", "c"};
  EXPECT_EQ(joined(std::span{texts}.first(0), ", "), "");
  EXPECT_EQ(joined(std::span{texts}.first(1), ", "), "a");
  EXPECT_EQ(joined(texts, ", "), "a, b, c");
}

}  // namespace
}  // namespace turnomatic
