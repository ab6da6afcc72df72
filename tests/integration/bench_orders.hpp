// What the tests of turnomatic-bench against a scripted counter have in common.
#pragma once

#include "load/run.hpp"
#include "support/scripted_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace turnomatic::bench {

inline constexpr std::uint64_t requests = 1000;

inline target target_at(const std::string& url) {
  target where = *parse_target(url);
  EXPECT_TRUE(find_address(where, std::chrono::seconds{2}));
  return where;
}

inline run_order order_for(const support::scripted_server& server, std::uint32_t connections = 4) {
  run_order order;
  order.how.targets = {target_at(server.url())};
  order.how.ids = {"a"};
  order.how.connections = connections;
  order.how.count = requests;
  order.how.deadline = std::chrono::seconds{2};  // a busy host may take some of it
  return order;
}

inline run_result run_to_the_end(const run_order& order) {
  const std::atomic<bool> stop{false};
  auto result = run(order, stop);
  if (!result)
    throw std::runtime_error{result.error().message};
  return std::move(*result);
}

// One fault, at request 500 of 1000.
inline support::scripted_server::script once(support::fault what) {
  return [what](std::uint64_t request) { return request == 500 ? what : support::fault::none; };
}

}  // namespace turnomatic::bench
