#include "core/random.hpp"

#include <gmock/gmock.h>

#include <set>

namespace turnomatic {
namespace {

TEST(random_token, is_a_word_and_another_each_time) {
  std::set<std::string> drawn;
  for (int i = 0; i < 100; ++i) {
    const std::string token = random_token();
    EXPECT_THAT(token, testing::MatchesRegex("[0-9a-v]{1,13}"));
    drawn.insert(token);
  }
  EXPECT_EQ(drawn.size(), 100U);
}

}  // namespace
}  // namespace turnomatic
