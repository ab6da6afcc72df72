#include "core/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace turnomatic {
namespace {

constexpr tick revolution = timer_wheel::revolution;
constexpr std::size_t all = 1'000'000;

struct entry final : timer_entry {
  int looks{0};
};

/// Works off what is due, and takes out what has ended.
struct wheel_at_work {
  explicit wheel_at_work(tick start = 0) : now{start}, timers{start} {}

  void add(entry& e, tick deadline) {
    timers.add(e);
    timers.set(e, deadline);
  }
  /// Those that have ended by then.
  std::vector<entry*> advance(tick count) {
    now += count;
    timers.advance(now);
    return work(all);
  }
  std::vector<entry*> work(std::size_t count) {
    std::vector<entry*> ended;
    more = timers.look(count, [&](timer_entry& each) {
      entry& e = static_cast<entry&>(each);
      ++e.looks;
      if (is_before(now, e.deadline()))
        return;
      timers.remove(e);
      ended.push_back(&e);
    });
    return ended;
  }

  tick now;
  timer_wheel timers;
  bool more{false};
};

using entries = std::vector<entry*>;

TEST(timer_wheel, shows_an_entry_when_its_time_has_come) {
  wheel_at_work wheel;
  entry first;
  entry second;
  wheel.add(first, 3);
  wheel.add(second, 5);
  EXPECT_EQ(wheel.advance(2), entries{});
  EXPECT_EQ(wheel.advance(1), entries{&first});
  EXPECT_EQ(wheel.advance(1), entries{});
  EXPECT_EQ(wheel.advance(1), entries{&second});
  EXPECT_EQ(first.looks + second.looks, 2);
}

// As an idle timeout is, with every request.
TEST(timer_wheel, looks_once_in_a_while_at_an_entry_that_is_put_off_all_the_time) {
  wheel_at_work wheel;
  entry e;
  wheel.add(e, 300);
  for (tick i = 0; i < 3000; ++i) {
    wheel.timers.set(e, wheel.now + 300);
    EXPECT_EQ(wheel.advance(1), entries{});
  }
  EXPECT_LE(e.looks, 11);
  EXPECT_EQ(wheel.advance(298), entries{});
  EXPECT_EQ(wheel.advance(1), entries{&e});
}

TEST(timer_wheel, shows_an_entry_sooner_if_its_deadline_is_moved_up) {
  wheel_at_work wheel;
  entry e;
  wheel.add(e, 300);
  wheel.timers.set(e, 2);
  EXPECT_EQ(wheel.advance(1), entries{});
  EXPECT_EQ(wheel.advance(1), entries{&e});
  EXPECT_EQ(e.looks, 1);
}

TEST(timer_wheel, keeps_deadlines_beyond_a_revolution) {
  for (const tick deadline : {revolution - 1, revolution, revolution + 1, 10 * revolution + 7}) {
    wheel_at_work wheel;
    entry e;
    wheel.add(e, deadline);
    for (tick i = 1; i < deadline; ++i)
      ASSERT_EQ(wheel.advance(1), entries{}) << i;
    EXPECT_EQ(wheel.advance(1), entries{&e}) << deadline;
  }
}

TEST(timer_wheel, misses_nothing_in_a_long_stop) {
  for (const tick stop : {tick{7}, revolution - 1, revolution, revolution + 1, 100 * revolution}) {
    wheel_at_work wheel;
    std::vector<entry> many(revolution);
    for (tick i = 0; i < revolution; ++i)
      wheel.add(many[i], 1 + i);
    EXPECT_EQ(wheel.advance(stop).size(), std::min(stop, revolution));
    EXPECT_EQ(wheel.advance(revolution).size(), revolution - std::min(stop, revolution));
  }
}

TEST(timer_wheel, works_a_herd_off_in_steps_and_lets_nothing_else_wait_for_all_of_it) {
  wheel_at_work wheel;
  std::vector<entry> herd(100'000);
  for (entry& each : herd)
    wheel.add(each, 300);
  EXPECT_EQ(wheel.advance(299), entries{});
  wheel.now += 1;
  wheel.timers.advance(wheel.now);
  std::size_t ended = 0;
  std::size_t steps = 0;
  do {
    const std::size_t in_step = wheel.work(64).size();
    ASSERT_LE(in_step, 64U);
    ended += in_step;
    ++steps;
    if (steps == 10)
      wheel.timers.set(herd.back(), wheel.now + 9);  // it has had a request meanwhile
  } while (wheel.more);
  EXPECT_EQ(ended, herd.size() - 1);
  EXPECT_EQ(steps, (herd.size() + 63) / 64);
  EXPECT_EQ(wheel.advance(9), entries{&herd.back()});
}

TEST(timer_wheel, comes_back_to_what_has_ended_and_stayed) {
  wheel_at_work wheel;
  entry e;
  wheel.add(e, 1);
  int looks = 0;
  for (int i = 1; i < 5; ++i) {
    wheel.timers.advance(++wheel.now);
    EXPECT_FALSE(wheel.timers.look(all, [&](timer_entry&) { ++looks; }));
    EXPECT_EQ(looks, i);
  }
}

TEST(timer_wheel, shows_everything_at_once_if_it_is_asked_to) {
  wheel_at_work wheel;
  entry soon;
  entry late;
  wheel.add(soon, 1);
  wheel.add(late, 100 * revolution);
  wheel.timers.make_all_due();
  EXPECT_EQ(wheel.work(all), entries{});
  EXPECT_EQ(soon.looks + late.looks, 2);
  EXPECT_EQ(wheel.advance(1), entries{&soon}) << "they go on as before";
}

TEST(timer_wheel, lets_go_of_an_entry_that_ends_while_it_is_due) {
  wheel_at_work wheel;
  auto first = std::make_unique<entry>();
  auto second = std::make_unique<entry>();
  wheel.add(*first, 1);
  wheel.add(*second, 1);
  wheel.timers.advance(1);
  int looks = 0;
  wheel.timers.look(all, [&](timer_entry&) {
    ++looks;
    second.reset();
  });
  EXPECT_EQ(looks, 1);
  first.reset();
  wheel.timers.advance(2 * revolution);
  EXPECT_FALSE(wheel.timers.look(all, [&](timer_entry&) { ADD_FAILURE(); }));
}

// Against a list that is searched through with each tick, over the wrap of the count.
TEST(timer_wheel, ends_what_a_plain_search_would_end) {
  std::minstd_rand random{5};
  const auto draw = [&](tick below) { return static_cast<tick>(random() % below); };
  wheel_at_work wheel{static_cast<tick>(-5000)};
  std::array<entry, 200> many;
  std::array<bool, 200> held{};
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t which = draw(static_cast<tick>(many.size()));
    const tick deadline = wheel.now + (draw(3) == 0 ? draw(2000) : draw(20)) + 1;
    if (!std::exchange(held[which], true))
      wheel.timers.add(many[which]);
    wheel.timers.set(many[which], deadline);
    if (draw(3) != 0)
      continue;
    entries ended = wheel.advance(draw(50) == 0 ? draw(1500) : draw(3));
    std::ranges::sort(ended);
    entries expected;
    for (std::size_t i = 0; i < many.size(); ++i) {
      if (held[i] && !is_before(wheel.now, many[i].deadline())) {
        expected.push_back(&many[i]);
        held[i] = false;
      }
    }
    ASSERT_EQ(ended, expected) << step;
  }
}

}  // namespace
}  // namespace turnomatic
