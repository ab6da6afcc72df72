// Requests with a body: it is read and ignored, and until it is there nothing has begun.
#include "session_bench.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace turnomatic::http {
namespace {

using mode = support::scripted_backend::mode;

const session_bench::options deferred{.when = mode::when_told};
const std::string interim_answer = "HTTP/1.1 100 Continue\r\n\r\n";

std::string post(const std::string& id, const std::string& fields) {
  return "POST /turno/" + id + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
std::string post_of(std::size_t length, const std::string& fields = {}) {
  return post("a", "Content-Length: " + std::to_string(length) + "\r\n" + fields);
}
const std::string chunked = "Transfer-Encoding: chunked\r\n";
const std::string expecting = "Expect: 100-continue\r\n";

TEST(session_body, is_ignored_and_the_next_request_begins_behind_it) {
  // Each body looks like requests, or like the beginning of one.
  for (const std::string& body : {std::string{"{}"}, turn_request("b"), turn_request("b") + "GET ",
                                  std::string{"\r\n"}, std::string(body_max, '\0')}) {
    const std::string bytes = post_of(body.size()) + body + turn_request("c");
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      session_bench bench;
      bench.send(bytes.substr(0, cut));
      bench.send(bytes.substr(cut));
      const auto answers = bench.answers().answers;
      ASSERT_EQ(bench.statuses(), (std::vector<int>{200, 200})) << cut;
      ASSERT_EQ(answers[0].body, R"({"id":"a","turno":1})");
      ASSERT_EQ(answers[1].body, R"({"id":"c","turno":1})");
    }
  }
}

TEST(session_body, of_chunks_is_ignored_and_the_next_request_begins_behind_it) {
  for (const char* body : {"0\r\n\r\n", "00;a=\"\\\"\";b\r\n\r\n"}) {
    const std::string bytes = post("a", chunked) + body + turn_request("c");
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      session_bench bench;
      bench.send(bytes.substr(0, cut));
      bench.send(bytes.substr(cut));
      ASSERT_EQ(bench.statuses(), (std::vector<int>{200, 200})) << cut;
      ASSERT_EQ(bench.backend.taken, 2U);
    }
  }
}

TEST(session_body, must_have_arrived_before_the_turn_is_taken) {
  for (const auto& [head, body] : {std::pair{post_of(3), std::string{"abc"}},
                                   std::pair{post("a", chunked), std::string{"0\r\n\r\n"}}}) {
    session_bench bench;
    bench.send(head);
    for (const char each : body) {
      EXPECT_EQ(bench.backend.taken, 0U);
      EXPECT_EQ(bench.received(), "");
      bench.send({&each, 1});
    }
    EXPECT_EQ(bench.backend.taken, 1U);
    EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  }
}

TEST(session_body, gives_the_request_its_deadline_when_it_has_arrived) {
  session_bench bench{deferred};
  bench.context.settings.request_deadline = std::chrono::seconds{1};
  bench.send(post_of(2) + "{");
  const time_point arrival = bench.time.refresh();
  bench.send("}");
  ASSERT_EQ(bench.backend.deadlines.size(), 1U);
  EXPECT_EQ(bench.backend.deadlines[0], arrival + std::chrono::seconds{1});
}

TEST(session_body, that_does_not_arrive_in_time_is_a_408) {
  session_bench bench;
  bench.send(post_of(2) + "{");
  for (tick i = 0; i < bench.context.settings.header_timeout; ++i) {
    bench.pass(1);
    EXPECT_EQ(bench.received(), "");
  }
  bench.pass(1);
  EXPECT_EQ(bench.statuses(), std::vector<int>{408});
  EXPECT_EQ(bench.backend.taken, 0U);
}

TEST(session_body, that_ends_in_the_middle_is_a_400) {
  for (const std::string& bytes :
       {post_of(2) + "{", post_of(2), post("a", chunked) + "0\r\n", post_of(2, expecting)}) {
    session_bench bench;
    bench.send(bytes);
    bench.send_end();
    EXPECT_EQ(bench.answers().answers.back().status, 400);
    EXPECT_EQ(bench.backend.taken, 0U);
  }
}

TEST(session_body, too_large_is_refused_before_it_arrives) {
  session_bench bench;
  bench.send(post_of(body_max + 1, expecting));
  EXPECT_EQ(bench.statuses(), std::vector<int>{413});
  EXPECT_TRUE(bench.ended());
}

TEST(session_body, of_chunks_with_content_is_refused_at_the_first_digit) {
  session_bench bench;
  bench.send(post("a", chunked + expecting));
  bench.send("5");
  EXPECT_EQ(bench.answers().statuses(), (std::vector<int>{100, 413}));
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.events.rejected, std::vector<rejection>{rejection::body_not_allowed});
}

TEST(session_body, of_a_post_is_read_whatever_the_path) {
  for (const auto& [path, status] : {std::pair{"/livez", 405}, {"/x", 404}, {"/turno/%", 400}}) {
    session_bench bench;
    bench.send("POST " + std::string{path} + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}" +
               turn_request("a"));
    EXPECT_EQ(bench.statuses(), (std::vector<int>{status, 200})) << path;
  }
}

TEST(session_body, that_is_waited_for_is_asked_for_once) {
  for (const std::string& head : {post_of(2, expecting), post_of(2, "expect: 100-CONTINUE\r\n")}) {
    session_bench bench;
    bench.send(head);
    EXPECT_EQ(bench.received(), interim_answer);
    bench.send("{");
    bench.send("}");
    EXPECT_EQ(bench.statuses(), (std::vector<int>{100, 200}));
    EXPECT_EQ(bench.events.answered.size(), 1U) << "the request was answered once";
    bench.send(head + "{}");
    EXPECT_EQ(bench.statuses(), (std::vector<int>{100, 200, 200})) << "it came unasked";
    bench.send(head);
    EXPECT_EQ(bench.statuses(), (std::vector<int>{100, 200, 200, 100})) << "of another request";
  }
}

TEST(session_body, that_begins_to_come_is_not_asked_for) {
  session_bench bench;
  bench.send(post_of(2, expecting) + "{");
  EXPECT_EQ(bench.received(), "");
  bench.send("}");
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
}

TEST(session_body, is_not_asked_for_by_an_old_client_or_one_that_expects_nothing) {
  for (const std::string& head :
       {post_of(2), post_of(2, "Expect:\r\n"),
        "POST /turno/a HTTP/1.0\r\nContent-Length: 2\r\n" + expecting + "\r\n"}) {
    session_bench bench;
    bench.send(head);
    EXPECT_EQ(bench.received(), "");
    bench.send("{}");
    EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  }
}

TEST(session_body, is_asked_for_behind_the_answers_of_earlier_requests) {
  session_bench bench{deferred};
  bench.send(turn_request("a") + post_of(2, expecting));
  EXPECT_EQ(bench.received(), "");
  bench.backend.complete();
  bench.poll();
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 100}));
  bench.send("{}");
  bench.backend.complete();
  bench.poll();
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 100, 200}));
}

TEST(session_body, that_came_while_earlier_requests_were_answered_is_not_asked_for) {
  session_bench bench{deferred};
  bench.send(turn_request("a") + post_of(2, expecting));
  bench.send("{}");
  bench.backend.complete_all();
  bench.poll();
  EXPECT_EQ(bench.statuses(), (std::vector<int>{200, 200}));
}

TEST(session_body, is_asked_for_when_the_client_reads_again) {
  session_bench bench;
  bench.stream->stalled = true;
  bench.send(post_of(2, expecting));
  EXPECT_EQ(bench.received(), "");
  bench.stream->become_writable();
  bench.poll();
  EXPECT_EQ(bench.received(), interim_answer);
  bench.send("{}");
  EXPECT_EQ(bench.statuses(), (std::vector<int>{100, 200}));
}

TEST(session_body, is_not_asked_for_behind_the_last_answer_of_a_drain) {
  session_bench bench{deferred};
  bench.send(turn_request("a") + post_of(2, expecting));
  bench.context.draining = true;
  bench.backend.complete();
  bench.poll();
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  EXPECT_TRUE(bench.ended());
}

TEST(session_body, is_not_waited_for_when_something_unknown_is_expected) {
  for (const char* expectation :
       {"x", "100-continue, x", "100-continue;q=1", "200-ok", "100-continue\r\nExpect: x"}) {
    session_bench bench;
    bench.send(post_of(2, "Expect: " + std::string{expectation} + "\r\n"));
    EXPECT_EQ(bench.statuses(), std::vector<int>{417}) << expectation;
    EXPECT_TRUE(bench.ended());
    EXPECT_EQ(bench.events.rejected, std::vector<rejection>{rejection::expectation_unknown});
  }
}

}  // namespace
}  // namespace turnomatic::http
