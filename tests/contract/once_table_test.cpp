#include "backend/memory/once_table.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace turnomatic::memory {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

/// Takes turn after turn.
class taking {
 public:
  take_operation::result_type operator()(std::string_view key, time_point now) {
    return keys.take("a", key, now, [this] {
      return take_operation::result_type{turn_range{++turn, 1}};
    });
  }

  once_table keys{32, 7, 1min};
  std::uint64_t turn{0};
};

TEST(once_table, forgets_a_key_at_the_end_of_its_lifetime_and_not_before) {
  taking take;
  EXPECT_EQ(take("k", start).value().first, 1U);
  EXPECT_EQ(take("k", start + 1min - 1ns).value().first, 1U);
  EXPECT_EQ(take("k", start + 1min).value().first, 2U);
  EXPECT_EQ(take("k", start + 2min - 1ns).value().first, 2U) << "it has begun anew";
}

TEST(once_table, refuses_further_keys_rather_than_forget_one_early) {
  taking take;
  int refused = 0;
  for (int i = 0; i < 1000; ++i)
    refused += take("k" + std::to_string(i), start).has_error() ? 1 : 0;
  EXPECT_EQ(take.keys.size() + static_cast<std::size_t>(refused), 1000U);
  EXPECT_LE(take.keys.size(), 32U);
  EXPECT_EQ(take.turn, take.keys.size()) << "nothing is taken for one that is refused";
  EXPECT_EQ(take("k999", start).error(), errc::overloaded);
  EXPECT_EQ(take("k0", start).value().first, 1U) << "those that are known go on";
  EXPECT_TRUE(take("k999", start + 1min).has_value());
}

TEST(once_table, gives_each_key_the_lifetime_of_its_time) {
  taking take;
  EXPECT_EQ(take("k", start).value().first, 1U);
  take.keys.set_lifetime(1s);
  EXPECT_EQ(take("k", start + 59s).value().first, 1U);
  EXPECT_EQ(take("l", start + 2min).value().first, 2U);
  EXPECT_EQ(take("l", start + 2min + 1s).value().first, 3U);
}

}  // namespace
}  // namespace turnomatic::memory
