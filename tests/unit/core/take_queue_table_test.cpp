#include "core/take_queue_table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace turnomatic {
namespace {

counter_id id_of(std::size_t number) {
  return *counter_id::from_text("id" + std::to_string(number));
}

TEST(take_queue_table, finds_what_was_created_until_it_is_erased) {
  take_queue_table tested{7};
  EXPECT_TRUE(tested.empty());
  EXPECT_EQ(tested.find(id_of(1)), nullptr);
  take_queue& made = tested.find_or_create(id_of(1));
  EXPECT_EQ(made.id.text(), "id1");
  EXPECT_EQ(&tested.find_or_create(id_of(1)), &made);
  EXPECT_EQ(tested.find(id_of(1)), &made);
  EXPECT_EQ(tested.find(id_of(2)), nullptr);
  EXPECT_FALSE(tested.empty());
  tested.erase(made);
  EXPECT_EQ(tested.find(id_of(1)), nullptr);
  EXPECT_TRUE(tested.empty());
}

TEST(take_queue_table, uses_the_place_of_an_erased_queue_again) {
  take_queue_table tested{7};
  take_queue& first = tested.find_or_create(id_of(1));
  tested.erase(first);
  take_queue& second = tested.find_or_create(id_of(2));
  EXPECT_EQ(&second, &first);
  EXPECT_EQ(second.id.text(), "id2");
  EXPECT_EQ(tested.find(id_of(1)), nullptr);
  tested.erase(second);
}

TEST(take_queue_table, leaves_queues_where_they_are_when_it_grows) {
  constexpr std::size_t ids = 3000;
  take_queue_table tested{7};
  std::vector<take_queue*> made;
  for (std::size_t i = 0; i < ids; ++i)
    made.push_back(&tested.find_or_create(id_of(i)));
  for (std::size_t i = 0; i < ids; ++i) {
    EXPECT_EQ(tested.find(id_of(i)), made[i]);
    EXPECT_EQ(made[i]->id, id_of(i));
  }
  for (std::size_t i = 0; i < ids; i += 2)
    tested.erase(*made[i]);
  for (std::size_t i = 0; i < ids; ++i)
    EXPECT_EQ(tested.find(id_of(i)), i % 2 == 0 ? nullptr : made[i]);
}

TEST(take_queue_table, visits_each_queue_which_may_be_erased_then) {
  constexpr std::size_t ids = 300;
  take_queue_table tested{7};
  for (std::size_t i = 0; i < ids; ++i)
    (void)tested.find_or_create(id_of(i));
  std::set<std::string> seen;
  tested.for_each([&](take_queue& queue) {
    EXPECT_TRUE(seen.emplace(queue.id.text()).second);
    tested.erase(queue);
  });
  EXPECT_EQ(seen.size(), ids);
  EXPECT_TRUE(tested.empty());
}

}  // namespace
}  // namespace turnomatic
