#include "backend/redis/store/high_water_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace turnomatic::redis {
namespace {

counter_id id(const std::string& text) {
  return *counter_id::from_text(text);
}

std::uint64_t highest(const high_water_table& in, const std::string& text) {
  high_water_table::place where = nullptr;
  return in.highest(id(text), where);
}

TEST(high_water_table, never_lowers_a_mark) {
  high_water_table tested{1000, 1};
  EXPECT_EQ(highest(tested, "a"), 0U);
  tested.raise(id("a"), 5);
  tested.raise(id("a"), 3);
  EXPECT_EQ(highest(tested, "a"), 5U);
  high_water_table::place where = nullptr;
  EXPECT_EQ(tested.highest(id("a"), where), 5U);
  tested.raise(id("a"), 7, where);
  tested.raise(id("a"), 6, where);
  EXPECT_EQ(highest(tested, "a"), 7U);
  EXPECT_EQ(highest(tested, "b"), 0U);
}

TEST(high_water_table, forgets_only_what_it_is_told_to) {
  high_water_table tested{1000, 1};
  tested.raise(id("a"), 5);
  tested.raise(id("b"), 6);
  high_water_table::place where = nullptr;
  EXPECT_EQ(tested.highest(id("a"), where), 5U);
  tested.forget(id("a"));
  tested.forget(id("never-seen"));
  EXPECT_EQ(highest(tested, "a"), 0U);
  EXPECT_EQ(highest(tested, "b"), 6U);
  EXPECT_EQ(tested.size(), 1U);
  tested.raise(id("a"), 2, where);
  EXPECT_EQ(highest(tested, "a"), 2U) << "a place that is out of date does no harm";
}

TEST(high_water_table, keeps_what_is_used_when_it_is_full) {
  constexpr int capacity = 64 * 4;
  high_water_table tested{capacity, 1};
  tested.raise(id("used"), 1);
  for (int i = 0; i < 10 * capacity; ++i) {
    EXPECT_EQ(highest(tested, "used"), 1U) << "after " << i;
    tested.raise(id("x" + std::to_string(i)), 1);
    ASSERT_LE(tested.size(), static_cast<std::size_t>(capacity));
  }
  EXPECT_EQ(tested.size(), static_cast<std::size_t>(capacity));
}

TEST(high_water_table, has_a_place_do_no_harm_when_its_id_has_given_way) {
  high_water_table tested{1, 1};  // one id a shard
  tested.raise(id("a"), 5);
  high_water_table::place where = nullptr;
  EXPECT_EQ(tested.highest(id("a"), where), 5U);
  for (int i = 0; highest(tested, "a") > 0 && i < 10'000; ++i) {
    tested.raise(id("x" + std::to_string(i)), 1);
    tested.raise(id("y" + std::to_string(i)), 1);
  }
  ASSERT_EQ(highest(tested, "a"), 0U);
  tested.raise(id("a"), 9, where);
  EXPECT_EQ(highest(tested, "a"), 9U);
  for (std::size_t i = 0; i < high_water_table::shard_count; ++i) {
    for (const bool lately : {true, false}) {
      for (const auto& [of, last] : tested.shard(i, lately))
        EXPECT_EQ(last, of.text() == "a" ? 9U : 1U) << of.text();
    }
  }
}

TEST(high_water_table, gives_every_mark_in_one_of_its_shards) {
  high_water_table tested{100'000, 1};
  for (std::uint64_t i = 1; i <= 1000; ++i)
    tested.raise(id("id" + std::to_string(i)), i);
  std::uint64_t found = 0;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < high_water_table::shard_count; ++i) {
    EXPECT_TRUE(tested.shard(i, true).empty()) << "none was used again";
    for (const auto& [of, last] : tested.shard(i, false)) {
      EXPECT_EQ(of.text(), "id" + std::to_string(last));
      ++found;
      sum += last;
    }
  }
  EXPECT_EQ(found, 1000U);
  EXPECT_EQ(sum, 1000U * 1001 / 2);
}

TEST(high_water_table, tells_those_that_were_used_lately_from_the_others) {
  high_water_table tested{100'000, 1};
  for (int i = 0; i < 100; ++i)
    tested.raise(id("id" + std::to_string(i)), 1);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(highest(tested, "id" + std::to_string(i)), 1U);
  std::size_t lately = 0;
  std::size_t others = 0;
  for (std::size_t i = 0; i < high_water_table::shard_count; ++i) {
    for (const auto& [of, last] : tested.shard(i, true)) {
      EXPECT_EQ(of.text().size(), 3U) << "id0 to id9, not " << of.text();
      ++lately;
    }
    others += tested.shard(i, false).size();
  }
  EXPECT_EQ(lately, 10U);
  EXPECT_EQ(others, 90U);
}

}  // namespace
}  // namespace turnomatic::redis
