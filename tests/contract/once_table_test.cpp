#include "backend/memory/once_table.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <tuple>

namespace turnomatic::memory {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000s};

/// Takes turn after turn.
class taking {
 public:
  explicit taking(std::size_t capacity = 32) : keys{capacity, 7, 1min} {}

  take_operation::result_type operator()(std::string_view key, time_point now) {
    return keys.take("a", key, now, [this] {
      return take_operation::result_type{turn_range{++turn, 1}};
    });
  }

  once_table keys;
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
  EXPECT_EQ(take("l", start).value().first, 2U);
  EXPECT_EQ(take("l", start + 1s).value().first, 3U) << "no longer key stands before it";
  take.keys.set_lifetime(1min);
  EXPECT_EQ(take("l", start + 2s).value().first, 4U);
  EXPECT_EQ(take("k", start + 59s).value().first, 1U);
  EXPECT_EQ(take("l", start + 61s).value().first, 4U);
  EXPECT_EQ(take("l", start + 62s).value().first, 5U);
}

TEST(once_table, gives_room_again_behind_keys_that_live_longer) {
  taking take;
  for (int i = 0; i < 100; ++i)
    std::ignore = take("long" + std::to_string(i), start);
  take.keys.set_lifetime(1s);
  EXPECT_TRUE(take.keys.refuses_some());
  const std::size_t held = take.keys.size();
  EXPECT_EQ(held, take.keys.capacity());

  take.keys.sweep(start + 1min - 1ns);
  EXPECT_EQ(take.keys.size(), held) << "nothing has ended";
  take.keys.sweep(start + 1min);
  EXPECT_EQ(take.keys.size(), 0U);
  for (int second = 60; second < 160; ++second) {
    const time_point now = start + std::chrono::seconds{second};
    EXPECT_TRUE(take("short" + std::to_string(second), now).has_value()) << second;
  }
}

// A worker that takes must not wait until a million keys are given back.
TEST(once_table, is_given_back_a_little_at_a_time_by_those_who_take) {
  taking take{16'000};
  for (int i = 0; i < 12'000; ++i)
    std::ignore = take("k" + std::to_string(i), start);
  const std::size_t held = take.keys.size();
  ASSERT_EQ(held, 12'000U);
  EXPECT_EQ(take("fresh", start + 1min).value().first, 12'001U);
  EXPECT_GT(take.keys.size(), held - 100);
  EXPECT_LT(take.keys.size(), held);
  EXPECT_EQ(take("k7", start + 1min).value().first, 12'002U) << "held, but ended";

  take.keys.sweep(start + 1min);
  EXPECT_EQ(take.keys.size(), 2U);
  EXPECT_EQ(take("k7", start + 2min - 1ns).value().first, 12'002U);
  take.keys.sweep(start + 2min);
  EXPECT_EQ(take.keys.size(), 0U);
}

}  // namespace
}  // namespace turnomatic::memory
