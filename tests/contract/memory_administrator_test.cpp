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
  result<admin_answer> set(std::string_view id, std::uint64_t turn, bool force = false) {
    return perform({.what = admin_action::set, .id = id_of(id), .turn = turn, .force = force});
  }
  std::uint64_t peek(std::string_view id) {
    return perform({.what = admin_action::peek, .id = id_of(id)}).value().counters.at(0).turn;
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
        in.perform({.what = admin_action::list, .id = {}, .cursor = cursor, .limit = 2}).value();
    for (const auto& each : page.counters)
      seen += each.id + std::to_string(each.turn);
    cursor = page.cursor;
    ++pages;
  } while (cursor != 0);
  EXPECT_EQ(seen, "a3b3c3d3e3");
  EXPECT_EQ(pages, 3);
  const auto behind =
      in.perform({.what = admin_action::list, .id = {}, .cursor = ~std::uint64_t{0}}).value();
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
  for (const admin_action what :
       {admin_action::peek, admin_action::list, admin_action::resume, admin_action::show_breakers,
        admin_action::set_breakers, admin_action::adopt})
    (void)in.perform({.what = what, .id = id_of("a")});
  EXPECT_EQ(in.table.size(), 0U);
  EXPECT_EQ(in.set("a", 0, true).value().turn_before, 0U);
  EXPECT_EQ(in.table.size(), 1U) << "what is forced is done";
}

TEST(memory_administrator, sets_a_counter_back_if_it_is_forced) {
  office in;
  ASSERT_TRUE(in.set("a", 10));
  const auto forced = in.set("a", 3, true).value();
  EXPECT_EQ(forced.turn_before, 10U);
  EXPECT_EQ(in.peek("a"), 3U);
}

TEST(memory_administrator, sets_no_counter_that_the_table_has_no_room_for) {
  office in;
  for (const char* const id : {"a", "b", "c", "d", "e"})
    ASSERT_TRUE(in.set(id, 1));
  EXPECT_EQ(in.set("f", 1).error(), errc::store_full);
}

TEST(memory_administrator, has_no_breaker_and_nothing_to_resume_or_adopt) {
  office in;
  for (const admin_action what : {admin_action::resume, admin_action::show_breakers,
                                  admin_action::set_breakers, admin_action::adopt})
    EXPECT_EQ(in.perform({.what = what, .id = id_of("a")}).error(), errc::not_supported);
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
  EXPECT_TRUE(in.set("a", 0, true));
  while (taken == 0)
    std::this_thread::yield();
  enough = true;
  one.join();
  many.join();
  EXPECT_EQ(in.peek("a"), taken);
}

}  // namespace
}  // namespace turnomatic::memory
