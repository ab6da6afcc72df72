#include "net/client_network.hpp"
#include "session_bench.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

using mode = support::scripted_backend::mode;
using support::turn_of;

const session_bench::options deferred{.when = mode::when_told};

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all += text;
  return all;
}

TEST(session, answers_a_turn_with_exactly_these_bytes) {
  session_bench bench;
  using namespace std::chrono_literals;
  bench.context.writer.set_date(std::chrono::system_clock::time_point{1'795'341'600s});
  bench.send(turn_request("grupo7"));
  EXPECT_EQ(bench.received(),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 22 Nov 2026 10:00:00 GMT\r\n"
            "Content-Type: application/json\r\n"
            "Cache-Control: no-store\r\n"
            "Content-Length: 25\r\n"
            "\r\n"
            "{\"id\":\"grupo7\",\"turno\":1}");
}

TEST(session, answers_many_requests_on_one_connection) {
  session_bench bench;
  for (int i = 0; i < 10; ++i)
    bench.send(turn_request("a"));
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_EQ(turn_of(answers[i].body, "a"), i + 1);
}

TEST(session, tells_the_backend_which_turn_is_asked_for_before_it_reads_the_fields) {
  session_bench bench;
  bench.send(turn_request("%61"));
  bench.send("GET /turno/ HTTP/1.1\r\nHost: h\r\n\r\nGET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  bench.send("GET /turno/b HTTP/1.1\r\nHost: two words\r\n\r\n");
  EXPECT_EQ(bench.backend.expected, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 400, 200, 400}));
  EXPECT_EQ(bench.backend.taken, 1U);
}

TEST(session, keeps_the_order_of_the_requests_whatever_the_order_of_the_outcomes) {
  session_bench bench{deferred};
  bench.send(turn_request("a") + turn_request("b") + "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n" +
             turn_request("c"));
  ASSERT_EQ(bench.backend.pending.size(), 3U);
  bench.backend.complete(2);
  bench.backend.complete(1);
  bench.poll();
  EXPECT_EQ(bench.received(), "");
  bench.backend.complete(0);
  bench.poll();
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(turn_of(answers[0].body, "a"), 1U);
  EXPECT_EQ(turn_of(answers[1].body, "b"), 1U);
  EXPECT_EQ(answers[2].body, R"({"live":true})");
  EXPECT_EQ(turn_of(answers[3].body, "c"), 1U);
}

TEST(session, has_at_most_64_requests_under_way_and_takes_the_rest_up_later) {
  session_bench bench{deferred};
  bench.send(repeated(turn_request("a"), 150));
  EXPECT_EQ(bench.backend.pending.size(), 64U);
  bench.backend.complete();
  bench.poll();
  EXPECT_EQ(bench.backend.pending.size(), 64U);
  EXPECT_EQ(bench.statuses().size(), 1U);
  while (!bench.backend.pending.empty()) {
    EXPECT_LE(bench.backend.pending.size(), 64U);
    bench.backend.complete();
    bench.poll();
  }
  EXPECT_EQ(bench.statuses(), std::vector<int>(150, 200));
}

TEST(session, gives_each_request_a_deadline_from_its_arrival) {
  session_bench bench{deferred};
  bench.context.settings.request_deadline = std::chrono::milliseconds{700};
  const time_point arrival = bench.time.refresh();
  bench.send(turn_request("a"));
  ASSERT_EQ(bench.backend.deadlines.size(), 1U);
  EXPECT_EQ(bench.backend.deadlines[0], arrival + std::chrono::milliseconds{700});
}

TEST(session, answers_each_error_of_the_backend_with_its_problem) {
  const std::pair<errc, int> rows[] = {
      {errc::counter_exhausted, 409}, {errc::store_full, 507},      {errc::too_many_new_ids, 429},
      {errc::unavailable, 503},       {errc::breaker_open, 503},    {errc::deadline_passed, 503},
      {errc::overloaded, 503},        {errc::outcome_unknown, 503}, {errc::store_behind, 503}};
  for (const auto& [error, status] : rows) {
    session_bench bench;
    bench.backend.error = error;
    bench.send(turn_request("a"));
    const auto answers = bench.answers().answers;
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].status, status);
    EXPECT_EQ(answers[0].fields.at("content-type"), "application/problem+json");
    const bool unknown = error == errc::outcome_unknown;
    EXPECT_NE(answers[0].body.find(unknown ? R"("applied":"unknown")" : R"("applied":"no")"),
              std::string::npos);
    EXPECT_EQ(answers[0].fields.count("retry-after"), status == 503 || status == 429 ? 1U : 0U);
    EXPECT_FALSE(bench.ended());
    EXPECT_EQ(bench.events.issued, 0U);
  }
}

TEST(session, says_which_methods_are_allowed) {
  session_bench bench;
  bench.send("PUT /turno/a HTTP/1.1\r\nHost: h\r\n\r\nPUT /health HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].fields.at("allow"), "GET, POST, OPTIONS");
  EXPECT_EQ(answers[1].fields.at("allow"), "GET, HEAD, OPTIONS");
}

TEST(session, answers_options_of_a_probe_without_content) {
  for (const auto who : {audience::callers, audience::operators}) {
    session_bench bench{{.who = who}};
    for (const std::string path : {"/livez", "/readyz", "/health", "/degraded"})
      bench.send("OPTIONS " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(bench.statuses(), (std::vector<int>{204, 204, 204, 204}));
    for (const auto& answer : bench.answers().answers) {
      EXPECT_EQ(answer.fields.at("allow"), "GET, HEAD, OPTIONS");
      EXPECT_EQ(answer.fields.count("content-length"), 0U);
      EXPECT_EQ(answer.fields.count("content-type"), 0U);
      EXPECT_EQ(answer.fields.count("connection"), 0U);
    }
  }
  session_bench metrics{{.who = audience::operators}};
  metrics.send("OPTIONS /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(metrics.statuses(), std::vector<int>{204});
  EXPECT_EQ(metrics.answers().answers.at(0).fields.at("connection"), "close");
}

// As HAProxy asks, unless it is told which method to use.
TEST(session, tells_who_asks_with_options_in_http_1_0_that_the_instance_is_not_ready) {
  session_bench ready;
  ready.send("OPTIONS /readyz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(ready.statuses(), std::vector<int>{204});
  EXPECT_TRUE(ready.ended());
  session_bench draining;
  draining.operations.readiness.state = readiness_state::draining;
  draining.send("OPTIONS /readyz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(draining.statuses(), std::vector<int>{503});
}

TEST(session, answers_head_without_content_and_takes_no_turn) {
  session_bench bench;
  bench.send("HEAD /turno/a HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto parsed = bench.answers(true);
  ASSERT_EQ(parsed.answers.size(), 1U);
  EXPECT_EQ(parsed.rest, "");
  EXPECT_EQ(parsed.answers[0].status, 405);
  EXPECT_NE(parsed.answers[0].fields.at("content-length"), "0");
  EXPECT_EQ(bench.backend.taken, 0U);
}

TEST(session, answers_a_refused_head_without_content_as_well) {
  for (const std::string request :
       {"HEAD / HTTP/1.1\r\n\r\n", "\r\nHEAD / HTTP/1.1\r\n\r\n", "HEAD / HTTP/9.9\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"}) {
    session_bench bench;
    bench.send(request);
    EXPECT_EQ(bench.answers(true).answers.size(), 1U) << request;
    EXPECT_TRUE(bench.received().ends_with("\r\n\r\n")) << request;
  }
}

TEST(session, answers_a_head_that_ends_in_the_middle_or_drips_without_content) {
  session_bench cut;
  cut.send("HEAD / HT");
  cut.send_end();
  EXPECT_TRUE(cut.received().ends_with("\r\n\r\n"));
  session_bench slow;
  slow.send("HEAD / HT");
  slow.pass(slow.context.settings.header_timeout + 1);
  EXPECT_EQ(slow.answers(true).statuses(), std::vector<int>{408});
  EXPECT_TRUE(slow.received().ends_with("\r\n\r\n"));
}

TEST(session, tells_a_client_that_asks_that_the_connection_stays_and_for_how_long) {
  for (const std::string version : {"1.0", "1.1"}) {
    session_bench bench;
    session_settings settings;
    settings.idle_timeout = 300;  // 75 s
    bench.context.apply(settings);
    const auto ask = [&](const std::string& path) {
      bench.send("GET " + path + " HTTP/" + version +
                 "\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n");
      return bench.answers().answers.back().fields;
    };
    for (const char* path : {"/turno/a", "/turno/%", "/livez"}) {
      EXPECT_EQ(ask(path).at("connection"), "keep-alive") << path;
      EXPECT_EQ(ask(path).at("keep-alive"), "timeout=74") << path;
    }
    settings.idle_timeout = 40;  // a reload
    bench.context.apply(settings);
    EXPECT_EQ(ask("/turno/a").at("keep-alive"), "timeout=9");
    settings.idle_timeout = 7;  // too short to promise anything of it
    bench.context.apply(settings);
    EXPECT_EQ(ask("/turno/a").at("connection"), "keep-alive");
    EXPECT_EQ(ask("/turno/a").count("keep-alive"), 0U);
  }
}

TEST(session, promises_no_time_to_those_who_do_not_ask_or_whose_connection_ends) {
  session_bench bench;
  bench.send(turn_request("a") + turn_request("a", "Connection: keep-alive, close\r\n"));
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].fields.count("connection"), 0U);
  EXPECT_EQ(answers[1].fields.at("connection"), "close");
  for (const auto& answer : answers)
    EXPECT_EQ(answer.fields.count("keep-alive"), 0U);
}

TEST(session, takes_headers_up_to_the_limit_that_is_set_and_no_larger) {
  session_bench bench;
  const auto header_of = [](std::size_t size) {
    return turn_request("a", "X: " + std::string(size - 14, 'x') + "\r\n");
  };
  for (const std::size_t limit : {std::size_t{1024}, std::size_t{16384}}) {
    bench.context.settings.header_max = limit;
    bench.send(header_of(limit));
  }
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 200}));
  bench.context.settings.header_max = 16383;
  bench.send(header_of(16384));
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 200, 431}));
}

TEST(session, serves_a_later_minor_version_as_http_1_1) {
  session_bench bench{{.access_sample = 2}};
  bench.send(
      "POST /turno/a?/1.3 HTTP/1.2\r\nHost: h\r\n\r\nGET /turno/a HTTP/1.9\r\nHost: h\r\n\r\n" +
      turn_request("a") + "GET /turno/a HTTP/1.2\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto answers = bench.answers().answers;
  ASSERT_EQ(bench.statuses(), (std::vector<int>{200, 200, 200, 200}));
  EXPECT_EQ(turn_of(answers[3].body, "a"), 4U);
  EXPECT_EQ(answers[1].fields.count("connection"), 0U);
  EXPECT_EQ(answers[3].fields.at("connection"), "close");
  EXPECT_EQ(bench.events.accesses.front(), "192.0.2.1:4711 /turno/a 200");
  EXPECT_TRUE(bench.ended());

  session_bench without_host;
  without_host.send("GET /turno/a HTTP/1.2\r\n\r\n");
  EXPECT_EQ(without_host.statuses(), std::vector<int>{400});
}

TEST(session, serves_operators_metrics_but_no_turns) {
  session_bench bench{{.who = audience::operators}};
  bench.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n" + turn_request("a"));
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].body, "# a page\n");
  EXPECT_EQ(answers[0].fields.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answers[1].status, 404);
  EXPECT_EQ(bench.backend.taken, 0U);
}

TEST(session, discards_what_follows_its_last_answer_until_the_client_ends) {
  session_bench bench;
  bench.send(turn_request("a", "Connection: close\r\n"));
  ASSERT_TRUE(bench.stream->send_is_shut);
  EXPECT_FALSE(bench.closed);
  bench.send(turn_request("a"));
  bench.send(std::string(100'000, 'x'));
  EXPECT_FALSE(bench.closed);
  EXPECT_EQ(bench.backend.taken, 1U);
  bench.send_end();
  EXPECT_TRUE(bench.closed);
}

TEST(session, stops_waiting_for_the_client_to_end_after_a_while) {
  session_bench bench;
  bench.send("nonsense\r\n\r\n");
  ASSERT_TRUE(bench.stream->send_is_shut);
  for (tick i = 0; i < linger_ticks; ++i) {
    bench.send("x");  // keeping it busy does not prolong it
    bench.pass(1);
    EXPECT_FALSE(bench.closed);
  }
  bench.pass(1);
  EXPECT_TRUE(bench.closed);
}

TEST(session, answers_what_was_asked_before_the_client_ended_its_half) {
  session_bench bench{deferred};
  bench.send(turn_request("a") + turn_request("b"));
  bench.send_end();
  EXPECT_FALSE(bench.closed);
  bench.backend.complete_all();
  bench.poll();
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 200}));
  EXPECT_TRUE(bench.closed);
}

TEST(session, answers_400_to_a_request_that_ends_in_the_middle) {
  session_bench bench;
  bench.send("GET /turno/a HTTP/1.1\r\nHost:");
  bench.send_end();
  EXPECT_EQ(bench.statuses(), std::vector<int>{400});
  EXPECT_TRUE(bench.closed);
}

TEST(session, says_of_each_take_whom_it_counts_for) {
  session_bench bench;
  bench.send(repeated(turn_request("a"), 2));
  const std::uint64_t client = net::network_of(session_bench::peer.address());
  EXPECT_EQ(bench.backend.clients, (std::vector<std::uint64_t>{client, client}));
}

TEST(session, ends_quietly_with_a_client_that_ends) {
  session_bench bench;
  bench.send(turn_request("a"));
  bench.send_end();
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::by_client});
}

TEST(session, withdraws_takes_that_were_not_sent_when_it_is_aborted) {
  session_bench bench{deferred};
  bench.send(repeated(turn_request("a"), 3));
  bench.tested->abort(close_reason::drained);
  EXPECT_EQ(bench.backend.cancelled, 3);
  EXPECT_EQ(bench.events.all_burned(), 0U);
}

TEST(session, counts_a_turn_as_burned_when_its_client_has_gone) {
  session_bench bench{deferred};
  bench.backend.cancellable = false;  // it is under way
  bench.send(repeated(turn_request("a"), 3));
  bench.tested->abort(close_reason::error);
  bench.tested.reset();
  bench.backend.complete();
  bench.backend.fail(errc::unavailable);
  bench.backend.complete();
  bench.poll();
  EXPECT_EQ(bench.events.burned[index_of(burn_reason::client_gone)], 2U);
  EXPECT_EQ(bench.events.issued, 0U);
}

TEST(session, counts_settled_turns_behind_an_unsettled_one_as_burned_when_aborted) {
  session_bench bench{deferred};
  bench.send(repeated(turn_request("a"), 3));
  bench.backend.complete(2);
  bench.poll();
  bench.tested->abort(close_reason::error);
  EXPECT_EQ(bench.events.all_burned(), 1U);
  EXPECT_EQ(bench.backend.cancelled, 2);
}

}  // namespace
}  // namespace turnomatic::http
