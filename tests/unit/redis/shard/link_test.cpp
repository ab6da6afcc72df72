#include "backend/redis/shard/link.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace turnomatic::redis {
namespace {

using namespace std::chrono_literals;
using overdue = link::overdue;
using phase = link::phase;

constexpr time_point start{1000s};
constexpr link::settings times{.set_up_timeout = 1s, .stall_timeout = 2s, .reconnect = {64ms, 1s}};

/// One that is set up and silent since `start`.
struct standing_link : link {
  standing_link() : link{times, 1, start} {
    opens();
    opened(start);
    is_up();
  }
};

TEST(link, is_to_connect_at_once_when_it_is_new) {
  const link tested{times, 1, start};
  EXPECT_EQ(tested.now(), phase::down);
  EXPECT_EQ(tested.wake_at(false), start);
  EXPECT_EQ(tested.due(false, start), overdue::connection);
  EXPECT_EQ(tested.due(false, start - 1ns), overdue::nothing);
}

TEST(link, leaves_the_time_to_open_to_the_connection) {
  link tested{times, 1, start};
  tested.opens();
  EXPECT_EQ(tested.now(), phase::opening);
  EXPECT_EQ(tested.due(true, start + 1h), overdue::nothing);
  EXPECT_EQ(tested.wake_at(true), time_point::max());
}

TEST(link, gives_up_a_set_up_that_takes_too_long_whatever_was_heard) {
  link tested{times, 1, start};
  tested.opens();
  tested.opened(start);
  EXPECT_EQ(tested.now(), phase::setting_up);
  tested.heard(start + 900ms);
  EXPECT_EQ(tested.wake_at(true), start + 1s);
  EXPECT_EQ(tested.due(true, start + 1s - 1ns), overdue::nothing);
  EXPECT_EQ(tested.due(true, start + 1s), overdue::set_up);
}

TEST(link, asks_for_nothing_of_a_server_that_owes_nothing) {
  const standing_link tested;
  EXPECT_EQ(tested.now(), phase::up);
  EXPECT_EQ(tested.due(false, start + 1h), overdue::nothing);
  EXPECT_EQ(tested.wake_at(false), time_point::max());
}

TEST(link, calls_a_server_dead_that_owes_an_answer_and_is_silent) {
  standing_link tested;
  EXPECT_EQ(tested.wake_at(true), start + 2s);
  EXPECT_EQ(tested.due(true, start + 2s - 1ns), overdue::nothing);
  EXPECT_EQ(tested.due(true, start + 2s), overdue::answer);
  tested.heard(start + 1s);
  EXPECT_EQ(tested.due(true, start + 2s), overdue::nothing);
  EXPECT_EQ(tested.due(true, start + 3s), overdue::answer);
}

TEST(link, counts_a_silence_from_the_first_command_that_waits) {
  standing_link tested;
  tested.sends(false, start + 10s);
  tested.sends(true, start + 11s);
  EXPECT_EQ(tested.last_heard(), start + 10s);
  EXPECT_EQ(tested.due(true, start + 12s - 1ns), overdue::nothing);
  EXPECT_EQ(tested.due(true, start + 12s), overdue::answer);
}

TEST(link, waits_longer_from_attempt_to_attempt_until_one_was_of_use) {
  link tested{times, 1, start};
  backoff expected{times.reconnect, 1};
  for (int attempt = 0; attempt < 6; ++attempt) {
    tested.opens();
    tested.opened(start);
    tested.is_up();
    tested.lost(start);
    EXPECT_EQ(tested.now(), phase::down);
    EXPECT_EQ(tested.wake_at(false) - start, expected.next()) << attempt;
  }
  tested.is_of_use();
  expected.reset();
  tested.lost(start);
  EXPECT_EQ(tested.wake_at(false) - start, expected.next());
}

TEST(link, takes_new_times_at_once) {
  standing_link tested;
  tested.apply({.set_up_timeout = 1s, .stall_timeout = 5s, .reconnect = {10ms, 10ms}});
  EXPECT_EQ(tested.wake_at(true), start + 5s);
  for (int attempt = 0; attempt < 6; ++attempt) {
    tested.lost(start);
    EXPECT_LE(tested.wake_at(false), start + 10ms);
  }
}

}  // namespace
}  // namespace turnomatic::redis
