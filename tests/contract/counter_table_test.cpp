#include "backend/memory/counter_table.hpp"

#include "support/lock_counter.hpp"
#include "support/sanitized.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::memory {
namespace {

counter_id id(std::size_t n) {
  return *counter_id::from_text("id" + std::to_string(n));
}

TEST(counter_table, finds_only_what_was_created) {
  counter_table table{10, 1};
  EXPECT_EQ(table.find(id(1)), nullptr);
  counter_table::counter* const created = table.find_or_create(id(1));
  ASSERT_NE(created, nullptr);
  EXPECT_EQ(created->load(), 0U);
  EXPECT_EQ(table.find(id(1)), created);
  EXPECT_EQ(table.find_or_create(id(1)), created);
  EXPECT_EQ(table.find(id(2)), nullptr);
  EXPECT_EQ(table.size(), 1U);
}

TEST(counter_table, holds_as_many_ids_as_it_was_made_for_and_not_one_more) {
  for (const std::uint32_t capacity : {1U, 2U, 3U, 1000U, 1024U, 1025U}) {
    counter_table table{capacity, 1};
    for (std::size_t n = 0; n < capacity; ++n)
      ASSERT_NE(table.find_or_create(id(n)), nullptr);
    EXPECT_EQ(table.find_or_create(id(capacity)), nullptr);
    EXPECT_EQ(table.size(), capacity);
    for (std::size_t n = 0; n < capacity; ++n)
      ASSERT_NE(table.find(id(n)), nullptr);
  }
}

// New ids are what a flood of them brings, and the workers would queue for the mutex.
TEST(counter_table, takes_no_lock_to_refuse_an_id_when_it_is_full) {
  if (support::is_sanitized)
    GTEST_SKIP() << "a sanitizer has locks of its own";
  counter_table table{2, 1};
  const std::size_t before = support::locks_so_far();
  ASSERT_NE(table.find_or_create(id(1)), nullptr);
  EXPECT_EQ(support::locks_so_far(), before + 1) << "creating one does";
  ASSERT_NE(table.find_or_create(id(2)), nullptr);
  for (std::size_t n = 0; n < 100; ++n)
    EXPECT_EQ(table.find_or_create(id(n)) != nullptr, n == 1 || n == 2);
  EXPECT_EQ(support::locks_so_far(), before + 2);
}

// Whoever finds the table full must have seen all that is in it.
TEST(counter_table, refuses_no_id_that_another_thread_has_just_created_in_the_last_place) {
  for (int round = 0; round < 200; ++round) {
    counter_table table{1, 1};
    std::vector<std::thread> running;
    std::atomic<int> found{0};
    for (int t = 0; t < 2; ++t)
      running.emplace_back([&] { found += table.find_or_create(id(1)) != nullptr ? 1 : 0; });
    for (std::thread& each : running)
      each.join();
    ASSERT_EQ(found, 2);
  }
}

TEST(counter_table, gives_every_id_a_counter_of_its_own) {
  counter_table table{5000, 99};
  for (std::size_t n = 0; n < 5000; ++n)
    table.find_or_create(id(n))->store(n);
  for (std::size_t n = 0; n < 5000; ++n)
    ASSERT_EQ(table.find(id(n))->load(), n);
}

TEST(counter_table, creates_one_counter_when_many_threads_ask_for_a_new_id_at_once) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t ids = 2000;
  counter_table table{ids, 5};
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < threads; ++t) {
    running.emplace_back([&table] {
      for (std::size_t n = 0; n < ids; ++n)
        table.find_or_create(id(n))->fetch_add(1);
    });
  }
  for (std::thread& each : running)
    each.join();
  EXPECT_EQ(table.size(), ids);
  for (std::size_t n = 0; n < ids; ++n)
    ASSERT_EQ(table.find(id(n))->load(), threads);
}

}  // namespace
}  // namespace turnomatic::memory
