// turnomatic-bench against a counter that does wrong at known points: each fault must be found and
// named, and nothing else.
#include "integration/bench_orders.hpp"
#include "support/eventually.hpp"
#include "support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <ostream>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;
using support::fault;
using support::scripted_server;

TEST(bench, proves_a_counter_that_does_everything_right) {
  const scripted_server server;
  const run_result found = run_to_the_end(order_for(server));
  EXPECT_EQ(found.proof.violations(), 0U);
  EXPECT_EQ(found.proof.turns, requests);
  EXPECT_EQ(found.turns(), requests);
  EXPECT_EQ(found.statuses.at(200), requests);
  EXPECT_EQ(found.proof.unknown_outcomes, 0U);
}

TEST(bench, finds_a_duplicate) {
  const scripted_server server{once(fault::duplicate)};
  const verdict found = run_to_the_end(order_for(server)).proof;
  EXPECT_EQ(found.duplicates, 1U);
  EXPECT_EQ(found.violations(), found.duplicates + found.inversions);
  ASSERT_TRUE(found.findings.at(0).first);
  EXPECT_EQ(found.findings.at(0).first->turn, found.findings.at(0).second->turn);
}

TEST(bench, finds_a_skipped_turn) {
  const scripted_server server{once(fault::skip)};
  const verdict found = run_to_the_end(order_for(server)).proof;
  EXPECT_EQ(found.unexplained, 1U);
  EXPECT_EQ(found.violations(), 1U);
  EXPECT_EQ(found.findings.at(0).gap_first, 500U);
  EXPECT_EQ(found.findings.at(0).gap_last, 500U);
}

TEST(bench, finds_turns_out_of_order) {
  const scripted_server server{once(fault::swap)};
  const verdict found = run_to_the_end(order_for(server, 1)).proof;
  EXPECT_EQ(found.inversions, 1U);
  EXPECT_EQ(found.violations(), 1U);
  EXPECT_EQ(found.findings.at(0).first->turn, 501U);
  EXPECT_EQ(found.findings.at(0).second->turn, 500U);
}

TEST(bench, finds_pipelined_turns_out_of_order) {
  const scripted_server server{once(fault::swap)};
  run_order order = order_for(server, 1);
  order.how.pipeline = 8;
  const verdict found = run_to_the_end(order).proof;
  EXPECT_EQ(found.connection_inversions, 1U);
  // Order in time as well if the pipeline had just run dry: then one was sent behind the other.
  EXPECT_LE(found.inversions, 1U);
  EXPECT_EQ(found.violations(), found.connection_inversions + found.inversions);
}

TEST(bench, finds_an_answer_for_another_id) {
  const scripted_server server{once(fault::wrong_id)};
  const run_result found = run_to_the_end(order_for(server));
  EXPECT_EQ(found.proof.wrong_ids, 1U);
  EXPECT_EQ(found.proof.violations(), 1U);
  EXPECT_EQ(found.faulty_bodies.at(0), R"({"id":"ax","turno":500})");
}

TEST(bench, finds_an_answer_without_a_turn) {
  const scripted_server server{once(fault::malformed)};
  const verdict found = run_to_the_end(order_for(server)).proof;
  EXPECT_EQ(found.malformed, 1U);
  EXPECT_EQ(found.violations(), 1U);
}

TEST(bench, counts_what_is_no_http_as_a_failure_and_explains_the_gap) {
  const scripted_server server{once(fault::not_http)};
  const run_result found = run_to_the_end(order_for(server));
  EXPECT_EQ(found.failures[static_cast<std::size_t>(failure::protocol)], 1U);
  EXPECT_EQ(found.proof.explained_by_unknown, 1U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench, does_not_take_a_refusal_for_an_unknown_outcome) {
  const scripted_server server{once(fault::refuse)};
  const run_result found = run_to_the_end(order_for(server));
  EXPECT_EQ(found.statuses.at(503), 1U);
  EXPECT_EQ(found.proof.unknown_outcomes, 0U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench, takes_a_server_error_that_says_nothing_for_an_unknown_outcome) {
  const scripted_server server{once(fault::refuse_dark)};
  const verdict found = run_to_the_end(order_for(server)).proof;
  EXPECT_EQ(found.unknown_outcomes, 1U);
  EXPECT_EQ(found.explained_by_unknown, 1U);
  EXPECT_EQ(found.violations(), 0U);
}

struct cut_case {
  const char* name;
  fault what;
  std::uint64_t missing;
};

std::ostream& operator<<(std::ostream& out, const cut_case& which) {
  return out << which.name;
}

class bench_cut : public testing::TestWithParam<cut_case> {};

TEST_P(bench_cut, explains_what_the_cut_may_have_cost) {
  const scripted_server server{once(GetParam().what)};
  const run_result found = run_to_the_end(order_for(server));
  EXPECT_EQ(found.failures[static_cast<std::size_t>(failure::cut)], 1U);
  EXPECT_EQ(found.proof.unknown_outcomes, 1U);
  EXPECT_EQ(found.proof.missing, GetParam().missing);
  EXPECT_EQ(found.proof.violations(), 0U);
}

INSTANTIATE_TEST_SUITE_P(cuts, bench_cut,
                         testing::Values(cut_case{"before", fault::cut_before, 0},
                                         cut_case{"after", fault::cut_after, 1},
                                         cut_case{"within", fault::cut_within, 1}),
                         [](const auto& tested) { return tested.param.name; });

TEST(bench, gives_up_on_an_answer_at_the_deadline) {
  const scripted_server server{once(fault::stall)};
  const run_result found = run_to_the_end(order_for(server));
  EXPECT_EQ(found.failures[static_cast<std::size_t>(failure::deadline)], 1U);
  EXPECT_EQ(found.proof.explained_by_unknown, 1U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench, tries_again_under_a_key_and_gets_the_same_turn) {
  const scripted_server server{once(fault::cut_within)};
  run_order order = order_for(server);
  order.how.retries = 3;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.retries, 1U);
  EXPECT_EQ(found.proof.turns, requests);
  EXPECT_EQ(found.proof.unknown_outcomes, 0U);
  EXPECT_EQ(found.proof.missing, 0U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench, gives_a_request_that_is_sent_again_its_own_time) {
  const scripted_server server{once(fault::stall)};
  run_order order = order_for(server);
  order.how.retries = 3;
  // The deadline ends a second after the stall, a second before the load does.
  order.how.deadline = 1s;
  order.how.rate = 500;
  order.how.count = 1500;
  const run_result found = run_to_the_end(order);
  EXPECT_GE(found.retries, 1U);
  EXPECT_EQ(found.proof.turns, *order.how.count);
  EXPECT_EQ(found.proof.unknown_outcomes, 0U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

// The server forgets the keys before the request comes again: it would get a second turn.
TEST(bench, sends_nothing_again_of_which_the_key_may_be_forgotten) {
  const scripted_server server{[](std::uint64_t request) {
    return request == 500 ? fault::stall : request == 1001 ? fault::forget_keys : fault::none;
  }};
  run_order order = order_for(server);
  order.how.retries = 3;
  order.how.key_lifetime = order.how.deadline + 100ms;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.retries, 0U);
  EXPECT_EQ(found.proof.unknown_outcomes, 1U);
  EXPECT_EQ(found.proof.explained_by_unknown, 1U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

// The pauses between the connections that are cut make 310 ms before the sixth: by then its key may
// be forgotten, although it was not when the fifth was cut.
TEST(bench, gives_up_what_waits_for_a_connection_until_its_key_may_be_forgotten) {
  const scripted_server server{[](std::uint64_t request) {
    return request == 10                   ? fault::cut_after
           : request > 10 && request <= 15 ? fault::cut_before
           : request == 16                 ? fault::forget_keys
                                           : fault::none;
  }};
  run_order order = order_for(server, 1);
  order.how.count = 20;
  order.how.retries = 100;
  order.how.key_lifetime = order.how.deadline + 200ms;
  const run_result found = run_to_the_end(order);
  // More of them if a busy host makes the pauses longer: then the next is among the five as well.
  EXPECT_GE(found.proof.unknown_outcomes, 1U);
  EXPECT_EQ(found.proof.turns + found.proof.unknown_outcomes, 20U);
  EXPECT_EQ(found.proof.explained_by_unknown, 1U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench, leaves_what_was_pipelined_behind_a_last_answer_unknown) {
  // The first four go out in one piece; this is one of them.
  const scripted_server server{
      [](std::uint64_t request) { return request == 2 ? fault::say_close : fault::none; }};
  run_order order = order_for(server, 1);
  order.how.pipeline = 4;
  order.how.ids = {"a", "b", "c"};
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.wrong_ids, 0U);
  EXPECT_EQ(found.proof.violations(), 0U);
  EXPECT_GE(found.proof.unknown_outcomes, 2U);
  EXPECT_EQ(found.proof.turns + found.proof.unknown_outcomes, requests);
}

// Of two servers one counts a turn ahead. Its answer has been received when its connection sends
// the next request; only then the other server answers, and its next request, sent later for
// certain, gets the smaller turn.
TEST(bench, finds_turns_out_of_order_between_two_servers) {
  std::atomic<bool> larger_received{false};
  std::atomic<bool> smaller_given{false};
  const auto hold_until = [](const std::atomic<bool>& happened) {
    EXPECT_TRUE(support::eventually([&] { return happened.load(); }));
    return fault::refuse;
  };
  const scripted_server ahead{[&](std::uint64_t request) {
    if (request == 1)
      return fault::skip;
    larger_received = true;
    return hold_until(smaller_given);
  }};
  const scripted_server behind{[&](std::uint64_t request) {
    if (request == 1)
      return hold_until(larger_received);
    smaller_given = true;
    return fault::none;
  }};
  run_order order = order_for(ahead, 2);
  order.how.targets.push_back(target_at(behind.url()));
  order.how.count = 4;
  order.how.deadline = 20s;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.turns, 2U);
  EXPECT_EQ(found.proof.inversions, 1U);
  ASSERT_EQ(found.proof.violations(), 1U);
  const finding& inversion = found.proof.findings.at(0);
  EXPECT_EQ(inversion.kind, violation::inversion);
  EXPECT_EQ(inversion.first->turn, 2U);
  EXPECT_EQ(inversion.second->turn, 1U);
  EXPECT_EQ(found.connection_targets.at(inversion.first->connection), ahead.url());
  EXPECT_EQ(found.connection_targets.at(inversion.second->connection), behind.url());
}

TEST(bench, reads_the_account_of_the_server) {
  const scripted_server server{once(fault::burn)};
  run_order order = order_for(server);
  order.operators = order.how.targets;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.burned, 1U);
  EXPECT_EQ(found.proof.explained_by_account, 1U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench, finds_a_turn_given_by_two_servers) {
  const scripted_server one;
  const scripted_server other;
  run_order order = order_for(one);
  order.how.targets.push_back(target_at(other.url()));
  // Each server gives a turn to both of its connections at least, however slow it is.
  EXPECT_GE(run_to_the_end(order).proof.duplicates, 2U);
  order.how.ids = {"b", "c"};
  order.how.spread = target_spread::pinned;
  EXPECT_EQ(run_to_the_end(order).proof.violations(), 0U) << "each id has one server now";
}

TEST(bench, keeps_the_proof_over_threads_ids_and_pipelines) {
  const scripted_server server;
  run_order order = order_for(server, 16);
  order.how.threads = 3;
  order.how.pipeline = 4;
  order.how.ids = {"a", "b", "c", "d", "e"};
  order.how.post = true;
  order.how.count = 20'000;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.turns, 20'000U);
  EXPECT_EQ(found.proof.ids, 5U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

}  // namespace
}  // namespace turnomatic::bench
