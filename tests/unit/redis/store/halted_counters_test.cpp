#include "backend/redis/store/halted_counters.hpp"

#include <gtest/gtest.h>

#include <string>

namespace turnomatic::redis {
namespace {

TEST(halted_counters, are_remembered_until_they_go_on) {
  halted_counters known;
  EXPECT_TRUE(known.empty());
  EXPECT_TRUE(known.add({"a", 3, 7}));
  EXPECT_FALSE(known.add({"a", 3, 7})) << "known";
  ASSERT_EQ(known.list().size(), 1U);
  EXPECT_EQ(known.list().front().issued, 7U);
  known.remove("b");
  EXPECT_FALSE(known.empty());
  known.remove("a");
  EXPECT_TRUE(known.empty());
  EXPECT_TRUE(known.add({"a", 8, 9}));
}

TEST(halted_counters, are_so_many_and_no_more) {
  halted_counters known;
  for (std::size_t i = 0; i < halted_counters::capacity; ++i)
    EXPECT_TRUE(known.add({"id" + std::to_string(i), 1, 2}));
  EXPECT_FALSE(known.add({"one more", 1, 2})) << "or each request for it would be news";
  EXPECT_EQ(known.list().size(), halted_counters::capacity);
}

TEST(halted_counters, are_listed_some_at_a_time) {
  halted_counters known;
  for (const char* const id : {"c", "a", "b"})
    EXPECT_TRUE(known.add({id, 1, 2}));
  EXPECT_EQ(known.list(2).back().id, "b");
  EXPECT_EQ(known.list(2, "b").front().id, "c");
  EXPECT_TRUE(known.list(2, "c").empty());
}

}  // namespace
}  // namespace turnomatic::redis
