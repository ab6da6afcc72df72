// What time does to a connection, and the end of the instance.
#include "session_bench.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

using mode = support::scripted_backend::mode;

TEST(session_time, ends_an_idle_connection_silently) {
  session_bench bench;
  bench.send(turn_request("a"));
  const std::string before = bench.received();
  bench.pass(bench.context.settings.idle_timeout);
  EXPECT_FALSE(bench.closed);
  bench.pass(1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::idle_timeout});
  EXPECT_EQ(bench.received(), before);
}

TEST(session_time, ends_a_connection_that_never_speaks_as_soon_as_a_header_would_have_to_be_there) {
  session_bench bench;
  bench.pass(bench.context.settings.header_timeout);
  EXPECT_FALSE(bench.closed);
  bench.pass(1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::idle_timeout});
  EXPECT_EQ(bench.received(), "");
}

TEST(session_time, does_not_take_an_empty_line_for_the_first_request) {
  session_bench bench;
  bench.pass(bench.context.settings.header_timeout);
  bench.send("\r\n");
  bench.pass(1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::idle_timeout});
}

TEST(session_time,
     gives_the_first_header_its_time_from_the_accept_and_the_next_from_its_beginning) {
  session_bench late;
  late.pass(late.context.settings.header_timeout - 1);
  late.send("GET /turno/a HT");
  late.pass(1);
  EXPECT_FALSE(late.ended());
  late.pass(1);
  EXPECT_EQ(late.statuses(), std::vector<int>{408});

  session_bench in_time;
  in_time.pass(in_time.context.settings.header_timeout);
  in_time.send(turn_request("a") + "GET /turno/a HT");
  in_time.pass(in_time.context.settings.header_timeout);
  EXPECT_EQ(in_time.statuses(), std::vector<int>{200});
  in_time.pass(1);
  EXPECT_EQ(in_time.statuses(), (std::vector<int>{200, 408}));
}

TEST(session_time, answers_a_request_that_arrived_but_was_not_told_of_when_the_time_is_up) {
  session_bench bench;
  const tick idle_timeout = bench.context.settings.idle_timeout;
  bench.send(turn_request("b"));
  bench.backend.deadlines.clear();
  bench.stream->announce_nothing();
  bench.pass(idle_timeout);
  bench.send(turn_requests(100));  // more than one session may take up at a time
  const time_point sweep = session_bench::test_time;
  bench.pass(1);
  ASSERT_EQ(bench.statuses(), std::vector<int>(101, 200));
  EXPECT_GE(bench.backend.deadlines.front(), sweep + bench.context.settings.request_deadline);
  bench.pass(idle_timeout);
  EXPECT_FALSE(bench.closed);
  bench.pass(1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::idle_timeout});
}

TEST(session_time, waits_for_the_rest_of_a_request_that_was_not_told_of) {
  session_bench bench;
  bench.send(turn_request("a"));
  bench.stream->announce_nothing();
  bench.pass(bench.context.settings.idle_timeout);
  bench.send("GET /turno/a HT");
  bench.pass(1 + bench.context.settings.header_timeout);
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  EXPECT_FALSE(bench.closed);
  bench.pass(1);
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 408}));
}

TEST(session_time, sees_that_an_idle_client_has_ended_when_it_was_not_told) {
  session_bench bench;
  bench.stream->announce_nothing();
  bench.send_end();
  bench.pass(bench.context.settings.idle_timeout + 1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::by_client});
}

TEST(session_time, starts_anew_with_each_request) {
  session_bench bench;
  for (int i = 0; i < 3; ++i) {
    bench.send(turn_request("a"));
    bench.pass(bench.context.settings.idle_timeout);
  }
  EXPECT_FALSE(bench.closed);
}

TEST(session_time, answers_408_to_a_header_that_drips) {
  session_bench bench;
  bench.send("GET /turno/a HTTP/1.1\r\n");
  for (tick i = 0; i < bench.context.settings.header_timeout; ++i) {
    bench.send("X: y\r\n");
    bench.pass(1);
    EXPECT_FALSE(bench.ended());
  }
  bench.pass(1);
  EXPECT_EQ(bench.statuses(), std::vector<int>{408});
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.events.rejected, std::vector<rejection>{rejection::header_timeout});
}

TEST(session_time, says_that_a_408_was_a_read_timeout) {
  session_bench bench;
  bench.send("GET /turno/a HTTP/1.1\r\n");
  bench.pass(bench.context.settings.header_timeout + 1);
  bench.pass(linger_ticks + 1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::read_timeout});
}

TEST(session_time, does_not_take_an_empty_line_for_the_beginning_of_a_request) {
  session_bench bench;
  bench.send(turn_request("a") + "\r\n");
  bench.pass(bench.context.settings.header_timeout + 1);
  EXPECT_FALSE(bench.ended());
  bench.send(turn_request("a"));
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 200}));
  bench.send("\r\n");
  bench.send_end();
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::by_client});
  EXPECT_EQ(bench.statuses().size(), 2U);
}

TEST(session_time, keeps_a_refused_connection_only_for_a_moment) {
  session_bench bench{{.refusal = problem::too_many_connections}};
  bench.pass(linger_ticks);
  EXPECT_FALSE(bench.closed);
  bench.pass(1);
  EXPECT_TRUE(bench.closed);
}

TEST(session_time, bounds_the_wait_of_a_request_that_was_left_for_want_of_room) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_requests(65));
  ASSERT_EQ(bench.backend.deadlines.size(), 64U);
  bench.backend.complete();
  bench.poll();
  ASSERT_EQ(bench.backend.deadlines.size(), 65U);
  EXPECT_EQ(bench.backend.deadlines[64], bench.backend.deadlines[0]);
}

TEST(session_time, measures_each_header_by_itself) {
  session_bench bench;
  const std::string whole = turn_request("a");
  for (int i = 0; i < 5; ++i) {
    // The end of one request and the beginning of the next arrive together.
    bench.send(i == 0 ? whole.substr(0, 10) : whole.substr(10) + whole.substr(0, 10));
    bench.pass(bench.context.settings.header_timeout);
    EXPECT_FALSE(bench.ended());
  }
  EXPECT_EQ(bench.statuses(), std::vector<int>(4, 200));
}

TEST(session_time, does_not_end_a_connection_while_the_backend_is_at_work) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a"));
  bench.pass(10'000);
  EXPECT_FALSE(bench.closed);
  bench.backend.complete();
  bench.poll();
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
}

// A machine that was frozen, a throttled container: the loop finds the sockets and the time at
// once.
TEST(session_time, holds_nothing_against_a_client_that_was_in_time_when_nobody_looked) {
  session_bench idle;
  session_bench slow;
  session_bench full;
  const std::string request = turn_request("a");
  slow.send(request.substr(0, 20));
  full.stream->stalled = true;
  full.send(request);
  for (session_bench* const each : {&idle, &slow, &full})
    each->stream->announce_nothing();
  idle.send(request);
  slow.send(request.substr(20));
  full.stream->stalled = false;
  for (session_bench* const each : {&idle, &slow, &full}) {
    each->pass(1000);
    EXPECT_EQ(each->statuses(), std::vector<int>{200});
  }
}

TEST(session_drain, ends_the_connection_behind_the_next_answer) {
  session_bench bench;
  bench.send(turn_request("a"));
  bench.drain();
  bench.send(turn_requests(2));
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].fields.at("connection"), "close");
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.backend.taken, 2U);
}

TEST(session_drain, ends_idle_connections_soon) {
  session_bench bench;
  bench.send(turn_request("a"));
  bench.drain();
  bench.pass(drain_idle_ticks);
  EXPECT_FALSE(bench.closed);
  bench.pass(1);
  EXPECT_TRUE(bench.closed);
}

TEST(session_drain, answers_a_request_that_arrived_but_was_not_told_of) {
  session_bench bench;
  bench.drain();
  bench.stream->announce_nothing();
  bench.send(turn_request("a"));
  bench.pass(drain_idle_ticks + 1);
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  EXPECT_TRUE(bench.ended());
}

TEST(session_drain, answers_what_is_under_way_and_says_that_it_is_the_last) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_requests(2));
  bench.drain();
  bench.pass(drain_idle_ticks * 2);
  EXPECT_FALSE(bench.closed);
  bench.backend.complete_all();
  bench.poll();
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].fields.count("connection"), 0U);
  EXPECT_EQ(answers[1].fields.at("connection"), "close");
  EXPECT_TRUE(bench.ended());
}

}  // namespace
}  // namespace turnomatic::http
