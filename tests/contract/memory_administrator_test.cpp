#include "backend/memory/memory_administrator.hpp"

#include "backend/memory/memory_backend.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace turnomatic::memory {
namespace {

counter_id id_of(std::string_view text) {
  return counter_id::from_text(text).value();
}

struct office {
  result<admin_answer> perform(const admin_request& what) {
    std::optional<result<admin_answer>> answered;
    performer.perform(what, [&](result<admin_answer> answer) { answered = std::move(answer); });
    return answered.value();
  }
  result<admin_answer> set(std::string_view id, std::uint64_t turn,
                           std::optional<std::uint64_t> from = {}) {
    return perform({.action = admin_action::set, .id = id_of(id), .turn = turn, .from = from});
  }
  result<admin_answer> force(std::string_view id, std::uint64_t turn, std::uint64_t from) {
    return perform(
        {.action = admin_action::set, .id = id_of(id), .turn = turn, .force = true, .from = from});
  }
  std::uint64_t peek(std::string_view id) {
    return perform({.action = admin_action::peek, .id = id_of(id)}).value().counters.at(0).turn;
  }

  counter_table table{5, 7};
  once_table keys{16, 7, std::chrono::minutes{1}};
  memory_administrator performer{table};
};

TEST(memory_administrator, looks_at_a_counter_without_creating_it) {
  office in;
  EXPECT_EQ(in.peek("a"), 0U);
  EXPECT_EQ(in.table.size(), 0U);
  in.table.find_or_create(id_of("a"))->store(turn_max + 5);
  EXPECT_EQ(in.peek("a"), turn_max);
}

TEST(memory_administrator, lists_every_counter_once_page_by_page) {
  office in;
  for (const char* const id : {"a", "b", "c", "d", "e"})
    in.table.find_or_create(id_of(id))->store(3);
  std::string seen;
  std::uint64_t cursor = 0;
  int pages = 0;
  do {
    const auto page =
        in.perform({.action = admin_action::list, .id = {}, .cursor = cursor, .limit = 2}).value();
    for (const auto& each : page.counters)
      seen += each.id + std::to_string(each.turn);
    cursor = page.cursor;
    ++pages;
  } while (cursor != 0);
  EXPECT_EQ(seen, "a3b3c3d3e3");
  EXPECT_EQ(pages, 3);
  const auto behind =
      in.perform({.action = admin_action::list, .id = {}, .cursor = ~std::uint64_t{0}}).value();
  EXPECT_TRUE(behind.counters.empty());
  EXPECT_EQ(behind.cursor, 0U);
}

TEST(memory_administrator, sets_a_counter_forward_only) {
  office in;
  EXPECT_EQ(in.set("a", 10).value().turn_before, 0U);
  EXPECT_EQ(in.set("a", 10).error(), errc::counter_ahead);
  EXPECT_EQ(in.set("a", 9).error(), errc::counter_ahead);
  EXPECT_EQ(in.peek("a"), 10U);
  EXPECT_EQ(in.set("a", turn_max).value().counters.at(0).turn, turn_max);
}

TEST(memory_administrator, creates_no_counter_that_it_does_not_set) {
  office in;
  EXPECT_EQ(in.set("a", 0).error(), errc::counter_ahead);
  EXPECT_EQ(in.set("a", 5, 4).error(), errc::counter_moved);
  EXPECT_EQ(in.force("a", 5, 4).error(), errc::counter_moved);
  for (const admin_action each :
       {admin_action::peek, admin_action::list, admin_action::resume, admin_action::show_breakers,
        admin_action::set_breakers, admin_action::adopt})
    (void)in.perform({.action = each, .id = id_of("a")});
  EXPECT_EQ(in.table.size(), 0U);
  EXPECT_EQ(in.force("a", 0, 0).value().turn_before, 0U);
  EXPECT_EQ(in.table.size(), 1U) << "what is forced is done";
}

TEST(memory_administrator, sets_a_counter_back_if_it_is_forced) {
  office in;
  ASSERT_TRUE(in.set("a", 10));
  const auto forced = in.force("a", 3, 10).value();
  EXPECT_EQ(forced.turn_before, 10U);
  EXPECT_EQ(in.peek("a"), 3U);
}

TEST(memory_administrator, sets_a_counter_only_from_the_turn_that_was_named) {
  office in;
  ASSERT_TRUE(in.set("a", 10, 0));
  for (const std::uint64_t other : {std::uint64_t{0}, std::uint64_t{9}, turn_max}) {
    EXPECT_EQ(in.set("a", 20, other).error(), errc::counter_moved) << other;
    EXPECT_EQ(in.force("a", 3, other).error(), errc::counter_moved) << other;
  }
  EXPECT_EQ(in.set("a", 9, 10).error(), errc::counter_ahead);
  EXPECT_EQ(in.peek("a"), 10U);
  EXPECT_EQ(in.set("a", 20, 10).value().turn_before, 10U);
  in.table.find(id_of("a"))->store(turn_max + 5);
  EXPECT_EQ(in.force("a", 3, turn_max).value().turn_before, turn_max) << "as it is shown";
}

// Two operators who have seen the same turn: one of them sets the counter.
TEST(memory_administrator, lets_one_of_many_set_a_counter_from_one_turn) {
  office in;
  ASSERT_TRUE(in.set("a", 1000));
  std::atomic<int> done{0};
  std::vector<std::thread> operators;
  for (std::uint64_t i = 0; i < 4; ++i) {
    operators.emplace_back([&in, &done, i] {
      memory_administrator own{in.table};
      own.perform(
          {.action = admin_action::set, .id = id_of("a"), .turn = i, .force = true, .from = 1000},
          [&done](const result<admin_answer>& outcome) { done += outcome ? 1 : 0; });
    });
  }
  for (std::thread& each : operators)
    each.join();
  EXPECT_EQ(done, 1);
}

TEST(memory_administrator, sets_no_counter_that_the_table_has_no_room_for) {
  office in;
  for (const char* const id : {"a", "b", "c", "d", "e"})
    ASSERT_TRUE(in.set(id, 1));
  EXPECT_EQ(in.set("f", 1).error(), errc::store_full);
}

TEST(memory_administrator, has_no_breaker_and_nothing_to_resume_or_adopt) {
  office in;
  for (const admin_action each : {admin_action::resume, admin_action::show_breakers,
                                  admin_action::set_breakers, admin_action::adopt})
    EXPECT_EQ(in.perform({.action = each, .id = id_of("a")}).error(), errc::not_supported);
}

struct silent_take final : take_operation {
  void complete(result_type) noexcept override {}
};

// Takes that went beyond the last turn take back what they added, and must take nothing from what
// the counter was set to meanwhile.
TEST(memory_administrator, keeps_a_counter_where_it_was_set_while_it_is_exhausted) {
  office in;
  counter_table::counter& counter = *in.table.find_or_create(id_of("a"));
  counter.store(turn_max);
  std::atomic<std::uint64_t> taken{0};
  std::atomic<bool> enough{false};
  const auto keep_taking = [&](std::uint32_t count) {
    memory_backend backend{in.table, in.keys};
    silent_take take;
    take.id = id_of("a");
    take.count = count;
    while (!enough) {
      if (const auto answer = backend.start(take, clock::now()); answer->has_value())
        taken += (*answer)->count;
    }
  };
  std::thread one{keep_taking, 1};
  std::thread many{keep_taking, 1000};
  for (int i = 0; i < 10'000; ++i) {
    counter.store(turn_max);
    std::this_thread::yield();
  }
  EXPECT_EQ(taken, 0U);
  EXPECT_TRUE(in.force("a", 0, turn_max));
  while (taken == 0)
    std::this_thread::yield();
  enough = true;
  one.join();
  many.join();
  EXPECT_EQ(in.peek("a"), taken);
}

}  // namespace
}  // namespace turnomatic::memory
