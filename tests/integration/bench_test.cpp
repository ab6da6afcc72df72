// turnomatic-bench against a counter that does wrong at known points: each fault must be found and
// named, and nothing else.
#include "load/run.hpp"
#include "support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <ostream>
#include <thread>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;
using support::fault;
using support::scripted_server;

constexpr std::uint64_t requests = 1000;

target target_at(const std::string& url) {
  target where = *parse_target(url);
  EXPECT_TRUE(find_address(where, 2s));
  return where;
}

run_order order_for(const scripted_server& server, std::uint32_t connections = 4) {
  run_order order;
  order.how.targets = {target_at(server.url())};
  order.how.ids = {"a"};
  order.how.connections = connections;
  order.how.count = requests;
  order.how.deadline = 500ms;
  return order;
}

run_result run_to_the_end(const run_order& order) {
  const std::atomic<bool> stop{false};
  auto result = run(order, stop);
  if (!result)
    throw std::runtime_error{result.error().message};
  return std::move(*result);
}

// One fault, at request 500 of 1000.
scripted_server::script once(fault what) {
  return [what](std::uint64_t request) { return request == 500 ? what : fault::none; };
}

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

void PrintTo(const cut_case& which, std::ostream* out) {
  *out << which.name;
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

TEST(bench, does_not_count_waiting_in_vain_as_load) {
  const scripted_server server{
      [](std::uint64_t n) { return n == requests ? fault::stall : fault::none; }};
  run_order order = order_for(server);
  order.how.deadline = 3s;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.unknown_outcomes, 1U);
  EXPECT_LT(found.measured, 2500ms) << "a thousand requests, and a deadline";
}

TEST(bench, measures_a_run_that_is_stopped_up_to_there) {
  std::atomic<bool> stop{false};
  std::atomic<std::chrono::steady_clock::time_point> stopped{};
  const scripted_server server{[&](std::uint64_t request) {
    if (request != 500)
      return fault::none;
    stopped = std::chrono::steady_clock::now();
    stop = true;
    return fault::pause;
  }};
  run_order order = order_for(server);
  order.how.count.reset();
  order.how.duration = 60s;
  const auto begin = std::chrono::steady_clock::now();
  const auto found = run(order, stop);
  ASSERT_TRUE(found);
  EXPECT_GE(found->proof.turns, 500U) << "what was under way is answered after the pause";
  EXPECT_LT(found->measured, stopped.load() - begin + 150ms) << "and the pause takes 300";
  EXPECT_EQ(found->proof.violations(), 0U);
}

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
  order.how.retries = 1;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.retries, 1U);
  EXPECT_EQ(found.proof.turns, requests);
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
  order.how.deadline = 100ms;
  order.how.key_lifetime = 300ms;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.turns, 19U);
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

// The second connection ends with the run: what is left of its pipeline by then never was sent.
TEST(bench, takes_nothing_for_sent_that_the_kernel_did_not_take) {
  const scripted_server server{[](std::uint64_t request) {
    return request == 1   ? fault::pause
           : request == 2 ? fault::cut_after
           : request == 3 ? fault::stop_reading
                          : fault::none;
  }};
  run_order order = order_for(server, 1);
  order.how.pipeline = 256;
  order.how.count = 256;
  // More than all buffers on the way hold.
  order.how.header_lines = {"X-Large: " + std::string(std::size_t{128} << 10, 'x')};
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.turns, 1U);
  EXPECT_GE(found.proof.unknown_outcomes, 2U);
  EXPECT_LT(found.proof.unknown_outcomes, 200U) << "of 255 that were not answered";
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench, ends_when_a_count_cannot_be_reached) {
  auto server = std::make_unique<scripted_server>();
  run_order order = order_for(*server);
  order.how.count = 1'000'000'000;
  order.how.deadline = 100ms;
  const std::jthread end{[&] {
    while (server->connections() == 0)
      std::this_thread::yield();
    server.reset();
  }};
  const run_result found = run_to_the_end(order);
  EXPECT_GT(found.failures[static_cast<std::size_t>(failure::connect)], 0U);
  EXPECT_EQ(found.proof.violations(), 0U);
}

// As a proof does that finds no memory. Its threads would wait for the room that nobody makes.
TEST(bench, ends_with_the_thread_that_proves) {
  const scripted_server server;
  run_order order = order_for(server);
  order.how.count.reset();
  order.how.duration = 60s;
  order.on_progress = [](const run_progress&) { throw std::bad_alloc{}; };
  const std::atomic<bool> stop{false};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW((void)run(order, stop), std::bad_alloc);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
}

TEST(bench, times_an_open_loop_from_when_requests_were_due) {
  const scripted_server server{
      [](std::uint64_t n) { return n == 500 ? fault::pause : fault::none; }};
  run_order closed = order_for(server, 1);
  run_order open = closed;
  closed.how.count = 2000;
  open.how.count = 2000;
  open.how.rate = 2000;
  // Of 2,000 requests a closed loop sees one that is slow. An open loop at 2,000 a second sees all
  // that were due in the 300 ms.
  const run_result one_slow = run_to_the_end(closed);
  EXPECT_LT(one_slow.latencies->quantile(0.99), 100ms);
  const scripted_server again{
      [](std::uint64_t n) { return n == 500 ? fault::pause : fault::none; }};
  open.how.targets = {target_at(again.url())};
  const run_result many_slow = run_to_the_end(open);
  EXPECT_GT(many_slow.latencies->quantile(0.90), 30ms);
  EXPECT_GT(many_slow.latencies->quantile(1), 250ms);
  EXPECT_EQ(many_slow.proof.violations(), 0U);
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
  EXPECT_GT(run_to_the_end(order).proof.duplicates, 100U);
  order.how.ids = {"b", "c"};
  order.how.spread = target_spread::pinned;
  EXPECT_EQ(run_to_the_end(order).proof.violations(), 0U) << "each id has one server now";
}

TEST(bench, opens_a_connection_for_each_request_when_asked) {
  const scripted_server server;
  run_order order = order_for(server);
  order.how.keep_alive = false;
  order.how.count = 200;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.turns, 200U);
  EXPECT_EQ(found.proof.violations(), 0U);
  EXPECT_GE(server.connections(), 200U) << "whatever the server thinks of it";
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
