// What becomes of turns whose clients have gone, and how that is told from a client that waits.
#include "session_bench.hpp"

#include <gtest/gtest.h>

namespace turnomatic::http {
namespace {

using mode = support::scripted_backend::mode;
using net::readiness_event;

constexpr readiness_event half_closed{.read_on = true, .peer_ended = true};
constexpr readiness_event reset{
    .read_on = true, .peer_ended = true, .hung_up = true, .broken = true};
constexpr std::chrono::milliseconds moment{1};

std::uint64_t burned_for_want_of_a_client(const session_bench& bench) {
  return bench.events.burned[index_of(burn_reason::client_gone)];
}

TEST(session_account, answers_a_client_that_closes_its_half_right_after_its_request) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a"));
  bench.advance(half_close_grace);
  bench.announce(half_closed);
  bench.send_end();
  bench.advance(std::chrono::milliseconds{400});
  bench.backend.complete();
  bench.poll();
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  EXPECT_EQ(bench.events.issued, 1U);
  EXPECT_EQ(bench.events.withdrawn, 0U);
  EXPECT_TRUE(bench.closed);
}

TEST(session_account, withdraws_a_take_whose_client_gives_up_and_says_so_if_it_still_listens) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a"));
  bench.advance(half_close_grace + moment);
  bench.announce(half_closed);
  EXPECT_EQ(bench.backend.cancelled, 1);
  EXPECT_EQ(bench.events.withdrawn, 1U);
  bench.send_end();
  const auto answers = bench.answers().answers;
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 503);
  EXPECT_NE(answers[0].body.find("urn:turnomatic:problem:client-gone"), std::string::npos);
  EXPECT_NE(answers[0].body.find(R"("applied":"no")"), std::string::npos);
  EXPECT_EQ(bench.backend.taken, 0U);
  EXPECT_TRUE(bench.closed);
}

TEST(session_account, tells_takes_that_can_be_withdrawn_from_those_that_were_sent) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a") + turn_request("b"));
  bench.backend.cancellable = false;
  bench.advance(std::chrono::milliseconds{100});
  bench.announce(half_closed);
  EXPECT_EQ(bench.events.withdrawn, 0U);
  bench.stream->in_flight = 300;  // whoever is gone acknowledges nothing
  bench.backend.complete_all();
  bench.send_end();
  EXPECT_FALSE(bench.closed) << "the kernel does not know yet";
  bench.announce(reset);
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.events.issued, 0U);
  EXPECT_EQ(burned_for_want_of_a_client(bench), 2U);
}

TEST(session_account, counts_a_late_answer_as_issued_when_the_peer_acknowledges_it) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a"));
  bench.backend.cancellable = false;
  bench.advance(std::chrono::milliseconds{100});
  bench.announce(half_closed);
  bench.stream->in_flight = 150;
  bench.backend.complete_all();
  bench.send_end();
  ASSERT_FALSE(bench.closed);
  EXPECT_TRUE(bench.stream->send_is_shut);
  bench.stream->in_flight = 0;
  bench.announce({.read_on = true, .peer_ended = true, .hung_up = true});
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.events.issued, 1U);
  EXPECT_EQ(bench.events.all_burned(), 0U);
}

TEST(session_account, takes_an_answer_for_lost_that_nobody_acknowledges_in_time) {
  session_bench bench;
  bench.stream->in_flight = 150;
  bench.send(turn_request("a"));
  bench.send_end();
  EXPECT_FALSE(bench.closed);
  bench.pass(linger_ticks + 1);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::by_client});
  EXPECT_EQ(bench.events.issued, 0U);
  EXPECT_EQ(burned_for_want_of_a_client(bench), 1U);
}

TEST(session_account, holds_only_the_last_answers_for_doubtful) {
  session_bench bench;
  bench.send(turn_request("a"));
  bench.send(turn_request("a"));
  bench.stream->in_flight = 150;
  bench.announce(reset);
  EXPECT_EQ(bench.events.issued, 1U);
  EXPECT_EQ(burned_for_want_of_a_client(bench), 1U);
}

// What it asks for next, and a probe as well, may be lost without the turns that it has.
TEST(session_account, holds_nothing_for_doubtful_that_was_acknowledged_before_another_answer) {
  session_bench bench;
  bench.send(turn_request("a"));
  bench.announce(half_closed);
  bench.stream->in_flight = 20;  // the end of the next answer
  bench.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  bench.announce(reset);
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.events.issued, 1U);
  EXPECT_EQ(bench.events.all_burned(), 0U);
}

// A client that pipelines goes on asking without having read anything.
TEST(session_account, holds_all_that_is_unacknowledged_for_doubtful_however_many_writes_it_was) {
  session_bench bench;
  for (const char* const id : {"a", "b", "c", "d", "e", "f", "g", "h"})
    bench.send(turn_requests(9, id));  // answers of one size
  const std::size_t size_of_one = bench.received().size() / 72;
  bench.stream->in_flight = size_of_one * 60;
  bench.announce(reset);
  EXPECT_EQ(bench.events.issued, 12U);
  EXPECT_EQ(burned_for_want_of_a_client(bench), 60U);
}

TEST(session_account, gives_a_slow_reader_after_its_last_answer_the_time_of_a_write) {
  session_bench bench;
  bench.stream->in_flight = 300;
  bench.send(turn_request("a") + "GET /turno/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  bench.pass(linger_ticks + 1);
  EXPECT_FALSE(bench.closed);
  bench.stream->in_flight = 150;
  bench.pass(bench.context.settings.write_timeout + 1);
  EXPECT_FALSE(bench.closed) << "it reads";
  bench.pass(bench.context.settings.write_timeout + 1);
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.events.issued, 1U);
  EXPECT_EQ(burned_for_want_of_a_client(bench), 1U);
}

TEST(session_account, accounts_for_what_was_taken_under_a_key_once) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a"));
  bench.backend.complete_known();
  bench.poll();
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
  EXPECT_EQ(bench.events.issued, 0U);
  bench.send(turn_request("a") + turn_request("a"));
  bench.stream->stalled = true;
  bench.backend.complete_known();
  bench.poll();
  bench.backend.cancellable = false;
  bench.tested->abort(close_reason::error);
  bench.backend.complete_known();  // for nobody
  EXPECT_EQ(bench.events.issued, 0U);
  EXPECT_EQ(bench.events.all_burned(), 0U);
}

TEST(session_account, holds_the_answers_before_a_failed_write_for_doubtful_as_well) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a") + turn_request("a"));
  bench.stream->in_flight = 150;  // a reset is on its way
  bench.backend.complete();
  bench.poll();
  ASSERT_EQ(bench.events.issued, 1U);
  bench.stream->breaks = true;
  bench.backend.complete();
  bench.poll();
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.events.issued, 0U);
  EXPECT_EQ(burned_for_want_of_a_client(bench), 2U);
}

TEST(session_account, reports_what_we_cut_as_a_failure_of_ours) {
  session_bench bench{{.when = mode::when_told}};
  bench.send(turn_request("a"));
  bench.tested->abort(close_reason::drained);
  ASSERT_EQ(bench.events.answered.size(), 1U);
  EXPECT_EQ(bench.events.answered[0].status, 503);
}

TEST(session_account, leaves_to_the_kernel_what_it_still_delivers_when_we_cut) {
  session_bench bench;
  bench.stream->in_flight = 150;
  bench.send(turn_request("a"));
  bench.tested->abort(close_reason::drained);
  EXPECT_EQ(bench.events.issued, 1U);
  EXPECT_EQ(bench.events.all_burned(), 0U);
}

// A process that stood still finds requests and the ends of their connections together.
TEST(session_account, begins_nothing_for_a_client_that_has_long_since_gone) {
  session_bench bench;
  bench.stream->age = std::chrono::milliseconds{100};
  bench.announce(half_closed);
  bench.send(turn_request("a"));
  EXPECT_EQ(bench.backend.taken, 0U);
  EXPECT_EQ(bench.events.withdrawn, 1U);
  EXPECT_EQ(bench.statuses(), std::vector<int>{503});
}

// However late we come to it.
TEST(session_account, serves_a_half_close_that_came_with_its_request) {
  session_bench bench;
  bench.stream->age = std::chrono::milliseconds{504};
  bench.stream->silent_for = std::chrono::milliseconds{500};
  bench.announce(half_closed);
  bench.send(turn_request("a"));
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
}

TEST(session_account, begins_nothing_that_lay_in_the_socket_beyond_its_deadline) {
  session_bench bench;
  bench.time.looked_at_sockets(true);
  bench.advance(std::chrono::seconds{3});
  bench.stream->age = std::chrono::milliseconds{2900};
  bench.send(turn_request("a"));
  EXPECT_EQ(bench.backend.taken, 0U);
  EXPECT_EQ(bench.statuses(), std::vector<int>{503});
}

TEST(session_account, serves_what_has_just_arrived_after_a_long_silence) {
  session_bench bench;
  bench.time.looked_at_sockets(true);
  bench.advance(std::chrono::seconds{30});
  bench.stream->age = std::chrono::milliseconds{4};
  bench.send(turn_request("a"));
  EXPECT_EQ(bench.statuses(), std::vector<int>{200});
}

TEST(session_account, begins_nothing_of_what_comes_with_a_reset) {
  session_bench bench;
  bench.stream->announce_nothing();
  bench.send(turn_request("a"));
  bench.tested->on_ready(reset);
  EXPECT_EQ(bench.backend.taken, 0U);
  EXPECT_EQ(bench.events.closed, std::vector<close_reason>{close_reason::error});
}

struct finishing_case {
  const char* name;
  std::string requests;
  bool draining;
  bool half_close;
};

class session_reset : public testing::TestWithParam<finishing_case> {};

TEST_P(session_reset, withdraws_what_waits_wherever_the_connection_stands) {
  session_bench bench{{.when = mode::when_told}};
  bench.context.draining = GetParam().draining;
  bench.send(GetParam().requests);
  if (GetParam().half_close)
    bench.announce(half_closed);
  const std::size_t waiting = bench.backend.pending.size();
  ASSERT_GT(waiting, 0U);
  bench.announce(reset);
  EXPECT_TRUE(bench.closed);
  EXPECT_EQ(bench.backend.pending.size(), 0U);
  EXPECT_EQ(bench.events.withdrawn, waiting);
  EXPECT_EQ(bench.backend.taken, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    connections, session_reset,
    testing::Values(finishing_case{"open", turn_request("a"), false, false},
                    finishing_case{"connection_close", turn_request("a", "Connection: close\r\n"),
                                   false, false},
                    finishing_case{"http_1_0", "GET /turno/a HTTP/1.0\r\n\r\n", false, false},
                    finishing_case{"draining", turn_request("a"), true, false},
                    finishing_case{"half_closed", turn_request("a"), false, true},
                    finishing_case{"all_places_full", turn_requests(70), false, false}),
    [](const auto& tested) { return tested.param.name; });

TEST(session_account, reports_answers_that_the_kernel_never_took_as_such) {
  session_bench bench{{.when = mode::when_told, .access_sample = 1}};
  bench.send(turn_request("a") + turn_request("b"));
  bench.stream->stalled = true;
  bench.backend.complete();
  bench.poll();
  EXPECT_TRUE(bench.events.answered.empty());
  bench.announce(reset);
  EXPECT_EQ(bench.events.accesses, (std::vector<std::string>{"192.0.2.1:4711 /turno/a 499",
                                                             "192.0.2.1:4711 /turno/b 499"}));
  ASSERT_EQ(bench.events.answered.size(), 2U);
  EXPECT_EQ(bench.events.answered[0].status, status_client_gone);
  EXPECT_EQ(burned_for_want_of_a_client(bench), 1U);
  EXPECT_EQ(bench.events.withdrawn, 1U);
}

}  // namespace
}  // namespace turnomatic::http
