#include "integration/proven_load.hpp"

#include "support/eventually.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

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

double turns_issued(const load_order& by) {
  double sum = 0;
  for (const support::server_process* const each : by.servers) {
    for (const char* const backend : {"redis", "memory"})
      sum +=
          each->metric(std::string{"turnomatic_turns_issued_total{backend=\""} + backend + "\"}");
  }
  return sum;
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
  const double before = turns_issued(what);
  std::atomic<bool> stop{false};
  auto running = std::async(std::launch::async, [&] { return bench::run(order, stop); });
  const bool under_way = !what.of_turns || support::eventually([&] {
    return turns_issued(what) >= before + what.connections;
  });
  if (under_way)
    meanwhile();
  stop = true;
  auto result = running.get();
  if (!result)
    throw std::runtime_error{result.error().message};
  if (!under_way)
    throw std::runtime_error{"no load came about"};
  return {std::move(*result)};
}

void expect_proven(const load_result& of) {
  const bench::verdict& proof = of.run.proof;
  EXPECT_GT(proof.turns, 0U);
  EXPECT_EQ(proof.duplicates, 0U);
  EXPECT_EQ(proof.violations(), 0U)
      << proof.unexplained << " of " << proof.missing << " missing turns unexplained, "
      << proof.explained_by_account << " explained by the account, " << proof.inversions << " and "
      << proof.connection_inversions << " inversions, " << proof.malformed << " malformed, "
      << proof.wrong_ids << " of wrong ids";
  EXPECT_FALSE(proof.gave_up);
  for (const std::string& each : of.run.problems)
    ADD_FAILURE() << each;
}

}  // namespace turnomatic::integration
