// A load that is made and proven while a test does something to what carries it.
#pragma once

#include "load/run.hpp"
#include "support/server_process.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace turnomatic::integration {

/// What a run came to; the account of the servers is part of the proof.
struct load_result {
  bench::run_result run;

  [[nodiscard]] std::uint64_t turns() const { return run.proof.turns; }
  [[nodiscard]] std::uint64_t answers(int status) const;
};

struct load_order {
  std::vector<const support::server_process*> servers;
  std::uint32_t ids{20};
  std::uint32_t connections{32};
  std::chrono::milliseconds at_most{60'000};
  std::chrono::milliseconds deadline{10'000};
  bool of_turns{true};  ///< false: it has begun even if every request is refused
};

/// Makes load from before `meanwhile` begins until after it has ended. Throws std::runtime_error if
/// it cannot.
[[nodiscard]] load_result load_while(const load_order& what,
                                     const std::function<void()>& meanwhile);

/// No turn twice, none out of order, no gap that is not explained; and there were turns.
void expect_proven(const load_result& of);

}  // namespace turnomatic::integration
