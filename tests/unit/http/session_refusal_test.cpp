// Connections over a limit.
#include "session_bench.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

TEST(refused_session, answers_with_its_problem_and_ends) {
  session_bench bench{{.refusal = problem::too_many_connections}};
  EXPECT_EQ(bench.received(), "");
  bench.send(turn_request("a") + turn_request("a"));
  EXPECT_EQ(bench.statuses(), std::vector<int>{503});
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.backend.taken, 0U);
  ASSERT_EQ(bench.events.answered.size(), 1U);
  EXPECT_EQ(bench.events.answered[0].route, route::turn) << "a turn that failed because of us";
}

TEST(refused_session, answers_the_probes_and_ends) {
  for (const std::string path : {"/livez", "/readyz", "/health", "/degraded"}) {
    for (const auto& [method, status] :
         {std::pair{"GET", 200}, {"HEAD", 200}, {"OPTIONS", 204}, {"POST", 405}}) {
      session_bench bench{{.refusal = problem::too_many_connections_from_address}};
      bench.send(std::string{method} + ' ' + path + " HTTP/1.1\r\nHost: h\r\n\r\n" +
                 turn_request("a"));
      const auto answers = bench.answers(method == std::string{"HEAD"}).answers;
      ASSERT_EQ(answers.size(), 1U);
      EXPECT_EQ(answers[0].status, status) << method << ' ' << path;
      EXPECT_EQ(answers[0].fields.at("connection"), "close");
      EXPECT_TRUE(bench.ended());
      EXPECT_EQ(bench.backend.taken, 0U);
    }
  }
}

TEST(refused_session, refuses_operators_all_but_the_probes) {
  for (const auto& [path, status] :
       {std::pair{"/metrics", 503}, {"/admin/counters", 503}, {"/livez", 200}}) {
    session_bench bench{{.who = audience::operators,
                         .refusal = problem::too_many_connections,
                         .without_backend = true}};
    bench.send("GET " + std::string{path} + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(bench.statuses(), std::vector<int>{status}) << path;
  }
}

TEST(refused_session, gives_way_without_a_word_if_nothing_was_asked) {
  for (const std::string begun : {"", "GET /livez HT"}) {
    session_bench bench{{.refusal = problem::too_many_connections}};
    bench.send(begun);
    bench.tested->give_way();
    EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::evicted});
    EXPECT_EQ(bench.received(), "");
  }
}

TEST(refused_session, answers_what_has_arrived_before_it_gives_way) {
  session_bench bench{{.refusal = problem::too_many_connections}};
  bench.stream->announce_nothing();
  bench.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(bench.received(), "");
  bench.tested->give_way();
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::by_server});
}

TEST(refused_session, does_not_give_way_while_its_answer_is_on_its_way) {
  session_bench bench{{.refusal = problem::too_many_connections}};
  bench.stream->stalled = true;
  bench.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  bench.tested->give_way();
  EXPECT_FALSE(bench.closed);
  bench.stream->become_writable();
  bench.poll();
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  bench.tested->give_way();
  EXPECT_TRUE(bench.closed);
}

// A request that is refused before its id is looked at would be logged with another client's.
TEST(refused_session, says_nothing_of_what_was_asked_before) {
  support::recording_observer events;
  exchange_pool pool{events};
  exchange& e = pool.acquire();
  e.id = counter_id::from_text("somebody");
  pool.release(e);
  EXPECT_FALSE(pool.acquire().id);
}

}  // namespace
}  // namespace turnomatic::http
