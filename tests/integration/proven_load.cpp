#include "integration/proven_load.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

namespace turnomatic::integration {
namespace {

using namespace std::chrono_literals;

bench::target target_at(std::uint16_t port) {
  auto parsed = bench::parse_target("http://127.0.0.1:" + std::to_string(port));
  bench::target where = std::move(*parsed);
  if (!bench::find_address(where, 2s))
    throw std::runtime_error{"no address"};
  return where;
}

}  // namespace

std::uint64_t load_result::answers(int status) const {
  const auto found = run.statuses.find(status);
  return found == run.statuses.end() ? 0 : found->second;
}

load_result load_while(const load_order& what, const std::function<void()>& meanwhile) {
  bench::run_order order;
  for (const support::server_process* const each : what.servers) {
    order.how.targets.push_back(target_at(each->port()));
    order.operators.push_back(target_at(each->operations_port()));
  }
  for (std::uint32_t i = 0; i < what.ids; ++i)
    order.how.ids.push_back("id-" + std::to_string(i));
  order.how.connections = what.connections;
  order.how.duration = what.at_most;
  order.how.deadline = what.deadline;
  std::atomic<bool> stop{false};
  auto running = std::async(std::launch::async, [&] { return bench::run(order, stop); });
  std::this_thread::sleep_for(100ms);  // load is to be under way; nothing is decided by this
  meanwhile();
  stop = true;
  auto result = running.get();
  if (!result)
    throw std::runtime_error{result.error().message};
  return {std::move(*result)};
}

void expect_proven(const load_result& of) {
  const bench::verdict& proof = of.run.proof;
  EXPECT_GT(proof.turns, 0U);
  EXPECT_EQ(proof.duplicates, 0U);
  EXPECT_EQ(proof.violations(), 0U);
  EXPECT_FALSE(proof.gave_up);
  for (const std::string& each : of.run.problems)
    ADD_FAILURE() << each;
}

}  // namespace turnomatic::integration
