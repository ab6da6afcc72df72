#include "core/drain_sequence.hpp"

#include <gtest/gtest.h>

namespace turnomatic {
namespace {

using namespace std::chrono_literals;
using step = drain_sequence::step;
using phase = drain_sequence::phase;

const time_point start{1000s};

TEST(drain_sequence, does_nothing_before_it_begins) {
  drain_sequence drain;
  EXPECT_EQ(drain.advance(start + 1h, 0), step::none);
  EXPECT_EQ(drain.current_phase(), phase::serving);
}

TEST(drain_sequence, waits_for_the_delay_before_it_closes_the_listeners) {
  drain_sequence drain;
  drain.begin(start, 5s, 30s);
  EXPECT_EQ(drain.current_phase(), phase::announced);
  EXPECT_EQ(drain.advance(start + 4999ms, 0), step::none);
  EXPECT_EQ(drain.advance(start + 5s, 0), step::close_listeners);
}

TEST(drain_sequence, ends_once_no_connection_is_left) {
  drain_sequence drain;
  drain.begin(start, 5s, 30s);
  ASSERT_EQ(drain.advance(start + 5s, 3), step::close_listeners);
  EXPECT_EQ(drain.advance(start + 6s, 1), step::none);
  EXPECT_EQ(drain.advance(start + 7s, 0), step::end);
  EXPECT_EQ(drain.current_phase(), phase::ended);
}

TEST(drain_sequence, cuts_what_is_left_when_the_timeout_ends) {
  drain_sequence drain;
  drain.begin(start, 5s, 30s);
  ASSERT_EQ(drain.advance(start + 5s, 1), step::close_listeners);
  EXPECT_EQ(drain.advance(start + 34999ms, 1), step::none);
  EXPECT_EQ(drain.advance(start + 35s, 1), step::cut);
  EXPECT_EQ(drain.current_phase(), phase::ended);
}

TEST(drain_sequence, gives_connections_the_whole_timeout_when_its_caller_is_late) {
  drain_sequence drain;
  drain.begin(start, 5s, 30s);
  ASSERT_EQ(drain.advance(start + 20s, 1), step::close_listeners);
  EXPECT_EQ(drain.advance(start + 49s, 1), step::none);
  EXPECT_EQ(drain.advance(start + 50s, 1), step::cut);
}

TEST(drain_sequence, takes_each_step_once) {
  drain_sequence drain;
  drain.begin(start, 0s, 0s);
  EXPECT_EQ(drain.advance(start, 1), step::close_listeners);
  EXPECT_EQ(drain.advance(start, 1), step::cut);
  EXPECT_EQ(drain.advance(start, 1), step::none);
}

TEST(drain_sequence, is_not_begun_twice) {
  drain_sequence drain;
  drain.begin(start, 5s, 30s);
  drain.begin(start + 4s, 60s, 30s);
  EXPECT_EQ(drain.advance(start + 5s, 0), step::close_listeners);
}

}  // namespace
}  // namespace turnomatic
