// How turnomatic-bench makes and measures load, whatever the counter makes of it.
#include "integration/bench_orders.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;
using support::fault;
using support::scripted_server;

TEST(bench_load, does_not_count_waiting_in_vain_as_load) {
  const scripted_server server{
      [](std::uint64_t n) { return n == requests ? fault::stall : fault::none; }};
  run_order order = order_for(server);
  order.how.deadline = 3s;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.unknown_outcomes, 1U);
  EXPECT_LT(found.measured, 2500ms) << "a thousand requests, and a deadline";
}

TEST(bench_load, measures_a_run_that_is_stopped_up_to_there) {
  std::atomic<bool> stop{false};
  std::atomic<std::chrono::steady_clock::time_point> stopped{};
  const scripted_server server{[&](std::uint64_t request) {
    // Two pauses on, so that the other clients have long asked for their next turns.
    if (request == 502) {
      stopped = std::chrono::steady_clock::now();
      stop = true;
    }
    return request < 500 ? fault::none : fault::pause;
  }};
  run_order order = order_for(server);
  order.how.count.reset();
  order.how.duration = 60s;
  const auto begin = std::chrono::steady_clock::now();
  const auto found = run(order, stop);
  ASSERT_TRUE(found);
  EXPECT_GE(found->proof.turns, 504U) << "what was under way is answered";
  EXPECT_LT(found->measured, stopped.load() - begin + 600ms)
      << "and that takes the server at least three times 300";
  EXPECT_EQ(found->proof.violations(), 0U);
}

// The second connection ends with the run: what is left of its pipeline by then never was sent.
TEST(bench_load, takes_nothing_for_sent_that_the_kernel_did_not_take) {
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
  EXPECT_GE(found.proof.unknown_outcomes, 2U);
  EXPECT_LT(found.proof.unknown_outcomes, 200U) << "of 255 or 256 that were not answered";
  EXPECT_EQ(found.proof.violations(), 0U);
}

TEST(bench_load, ends_when_a_count_cannot_be_reached) {
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
TEST(bench_load, ends_with_the_thread_that_proves) {
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

TEST(bench_load, estimates_how_long_a_count_will_take) {
  const scripted_server server;
  run_order order = order_for(server);
  order.how.count = 3000;
  order.how.rate = 1000;
  std::vector<run_progress> reports;
  order.on_progress = [&](const run_progress& progress) { reports.push_back(progress); };
  (void)run_to_the_end(order);
  ASSERT_FALSE(reports.empty());
  const run_progress& first = reports.front();
  ASSERT_TRUE(first.left);
  ASSERT_GT(first.rate, 0);
  const double expected = static_cast<double>(3000 - first.turns) / first.rate;
  EXPECT_NEAR(first.left->count(), expected, 0.05 + expected / 10)
      << "a thread counts an answer before its turn";
}

TEST(bench_load, times_an_open_loop_from_when_requests_were_due) {
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

TEST(bench_load, opens_a_connection_for_each_request_when_asked) {
  const scripted_server server;
  run_order order = order_for(server);
  order.how.keep_alive = false;
  order.how.count = 200;
  const run_result found = run_to_the_end(order);
  EXPECT_EQ(found.proof.turns, 200U);
  EXPECT_EQ(found.proof.violations(), 0U);
  EXPECT_GE(server.connections(), 200U) << "whatever the server thinks of it";
}

}  // namespace
}  // namespace turnomatic::bench
