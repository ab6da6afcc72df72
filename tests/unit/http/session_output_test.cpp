// Slow readers and broken connections.
#include "session_bench.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

using mode = support::scripted_backend::mode;

TEST(session_output, waits_for_a_client_that_does_not_read) {
  session_bench bench;
  bench.stream->stalled = true;
  bench.send(turn_requests(3));
  EXPECT_EQ(bench.received(), "");
  EXPECT_EQ(bench.events.issued, 0U);
  bench.stream->become_writable();
  bench.poll();
  EXPECT_EQ(bench.statuses(), std::vector<int>(3, 200));
  EXPECT_EQ(bench.events.issued, 3U);
}

TEST(session_output, takes_no_turn_for_a_client_that_does_not_read_beyond_the_pipeline) {
  session_bench bench;
  bench.stream->stalled = true;
  bench.send(turn_requests(200));
  EXPECT_EQ(bench.backend.taken, 64U);
  bench.send(turn_requests(10));
  EXPECT_EQ(bench.backend.taken, 64U);
  bench.stream->become_writable();
  bench.poll();
  EXPECT_EQ(bench.statuses(), std::vector<int>(210, 200));
}

TEST(session_output, survives_a_kernel_that_takes_any_number_of_bytes_at_a_time) {
  for (const std::size_t size : {1U, 2U, 7U, 100U, 163U, 164U, 165U, 1000U}) {
    SCOPED_TRACE(size);
    session_bench bench;
    bench.stream->stream().write_size(size);
    bench.send(turn_requests(70));
    while (bench.stream->wants_writable) {
      bench.stream->become_writable();
      bench.poll();
    }
    EXPECT_EQ(bench.statuses(), std::vector<int>(70, 200));
    EXPECT_EQ(bench.events.issued, 70U);
    EXPECT_EQ(bench.events.all_burned(), 0U);
  }
}

TEST(session_output, ends_a_connection_whose_client_does_not_read_in_time) {
  session_bench bench;
  bench.stream->stalled = true;
  bench.send(turn_requests(3));
  bench.pass(bench.context.settings.write_timeout);
  EXPECT_FALSE(bench.closed);
  bench.pass(1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::write_timeout});
  EXPECT_EQ(bench.events.all_burned(), 3U);
  EXPECT_EQ(bench.events.issued, 0U);
}

TEST(session_output, accounts_for_each_turn_once_wherever_the_connection_breaks) {
  for (const mode when : {mode::at_once, mode::when_told}) {
    for (std::size_t n = 0;; ++n) {
      SCOPED_TRACE(n);
      boost::beast::test::fail_count failures{n};
      session_bench bench{{.when = when, .failures = &failures}};
      bench.stream->stream().write_size(50);
      bool finished = false;
      for (int step = 0; step < 60 && !bench.closed; ++step) {
        if (step < 6)
          bench.send(turn_requests(2));
        if (!bench.backend.pending.empty())
          bench.backend.complete();
        bench.poll();
        if (bench.stream && bench.stream->wants_writable)
          bench.stream->become_writable();
        bench.poll();
        finished = bench.statuses().size() == 12;
      }
      bench.tested->abort(close_reason::drained);
      bench.backend.complete_all();
      bench.poll();
      ASSERT_EQ(bench.events.issued + bench.events.all_burned(), bench.backend.taken);
      ASSERT_EQ(bench.events.closed.size(), 1U);
      if (finished)
        break;
      ASSERT_LT(n, 300U) << "the scenario never ran to its end";
    }
  }
}

TEST(session_output, measures_latency_from_arrival_to_write) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a"));
  bench.advance(std::chrono::milliseconds{7});
  bench.backend.complete();
  bench.poll();
  ASSERT_EQ(bench.events.answered.size(), 1U);
  EXPECT_EQ(bench.events.answered[0].route, route::turn);
  EXPECT_EQ(bench.events.answered[0].method, method_label::get);
  EXPECT_EQ(bench.events.answered[0].status, 200);
  EXPECT_EQ(bench.events.answered[0].latency, std::chrono::milliseconds{7});
}

TEST(session_output, samples_one_in_n_requests_for_the_access_log) {
  session_bench bench{{.access_sample = 3}};
  for (int i = 1; i <= 10; ++i)
    bench.send(turn_request("a?" + std::to_string(i)));
  EXPECT_EQ(bench.events.accesses, (std::vector<std::string>{"192.0.2.1:4711 /turno/a?3 200",
                                                             "192.0.2.1:4711 /turno/a?6 200",
                                                             "192.0.2.1:4711 /turno/a?9 200"}));
}

TEST(session_output, puts_what_failed_because_of_us_into_the_access_log_whatever_the_sample) {
  session_bench bench{{.when = support::scripted_backend::mode::when_told}};
  bench.send(turn_request("a"));
  bench.backend.fail(errc::deadline_passed);
  bench.poll();
  bench.send(turn_request("a"));
  bench.backend.fail(errc::counter_exhausted);  // 409
  bench.poll();
  bench.send(turn_request("b"));
  bench.backend.complete();
  bench.poll();
  bench.operations.readiness = {readiness_state::draining, {}};
  bench.send("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(bench.events.accesses,
            (std::vector<std::string>{"192.0.2.1:4711 /turno/a 503", "192.0.2.1:4711 - 503"}));
}

TEST(session_output, keeps_out_of_the_access_log_what_would_be_a_storm) {
  session_bench bench{{.when = support::scripted_backend::mode::when_told}};
  bench.events.lines_due = false;
  bench.send(turn_request("a"));
  bench.backend.fail(errc::overloaded);
  bench.poll();
  EXPECT_EQ(bench.statuses(), std::vector<int>{503});
  EXPECT_TRUE(bench.events.accesses.empty());
}

TEST(session_output, tells_who_was_refused_and_why) {
  const std::pair<const char*, std::string> rows[] = {
      {"malformed", "GET /turno/a\x1b HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"bad_host", "GET /turno/a HTTP/1.1\r\n\r\n"},
      {"bad_framing", turn_request("a", "Transfer-Encoding: gzip\r\n")},
      {"target_too_long", "GET /turno/" + std::string(2000, 'a')},
      {"version_unsupported", "GET /turno/a HTTP/3.0\r\nHost: h\r\n\r\n"}};
  for (const auto& [why, bytes] : rows) {
    session_bench bench;
    bench.send(bytes);
    EXPECT_EQ(bench.events.incidents,
              std::vector<std::string>{why + std::string{" 192.0.2.1:4711"}});
    EXPECT_EQ(bench.events.rejected.size(), 1U) << why;
  }
}

TEST(session_output, tells_whose_header_was_not_complete_in_time) {
  session_bench bench;
  bench.send("GET /turno/a HTTP/1.1\r\n");
  bench.pass(30);
  EXPECT_EQ(bench.statuses(), std::vector<int>{408});
  EXPECT_EQ(bench.events.incidents, std::vector<std::string>{"header_timeout 192.0.2.1:4711"});
}

TEST(session_output, does_not_ask_who_it_was_if_no_line_is_due) {
  session_bench bench;
  bench.events.lines_due = false;
  bench.send("GET /turno/a HTTP/1.1\r\n\r\n");
  EXPECT_EQ(bench.events.rejected, std::vector<rejection>{rejection::bad_host});
  EXPECT_TRUE(bench.events.incidents.empty());
}

}  // namespace
}  // namespace turnomatic::http
